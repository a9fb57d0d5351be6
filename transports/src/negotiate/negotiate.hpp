// POST {path}/negotiate: which version is spoken, and what the answer says.
#pragma once

#include <string>
#include <string_view>

#include "hubbub/connection/request.hpp"

namespace hubbub::inline v0 {

/// Transports of an endpoint, in the order in which they are offered.
struct offered_transports {
  bool web_sockets = true;
  bool server_sent_events = true;
  bool long_polling = true;
};

/// What the client asked for, or why it cannot be had.
struct negotiate_choice {
  int version = 0;      ///< 0 or 1
  std::string error{};  ///< when not empty: answer 200 with `negotiate_error_body(error)`, make no connection
};

/// Chooses the version from the query of the request (`negotiateVersion`).
[[nodiscard]] negotiate_choice choose_negotiate_version(const request& asked, int minimum_version = 0);

/// True when the query asks for stateful reconnect.
[[nodiscard]] bool asks_for_stateful_reconnect(const request& asked);

/// Who the new connection is. With version 0 the token is equal to the id and not written.
struct negotiate_identity {
  std::string_view connection_id;
  std::string_view connection_token;
};

/// The JSON body of a successful answer.
[[nodiscard]] std::string negotiate_body(int version, const negotiate_identity& identity,
                                         const offered_transports& transports, bool stateful_reconnect = false);

/// The JSON body of an answer that sends the client to another address; `access_token` may be empty.
[[nodiscard]] std::string negotiate_redirect_body(std::string_view url, std::string_view access_token);

/// The JSON body of an answer that refuses.
[[nodiscard]] std::string negotiate_error_body(std::string_view error);

}  // namespace hubbub::inline v0
