// Everything that one request in progress needs; pooled per shard, so that idle connections own none of it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "http/request_reader.hpp"
#include "hubbub/connection/principal.hpp"
#include "hubbub/core/cancellation.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/core/wire_buffer.hpp"
#include "hubbub/endpoint_builder.hpp"
#include "hubbub/http.hpp"
#include "net/address.hpp"

namespace hubbub::inline v0 {

class http_session;

/// Owned by the session; by the shard when the client left while application code still works on it. One shard.
struct http_exchange {
  explicit http_exchange(const http_limits& limits) : reader(limits) {}

  request_reader reader;
  wire_buffer out;       ///< answers that wait
  std::size_t sent = 0;  ///< of `out`
  std::string unread;    ///< what came behind a request that is still being worked on

  http_session* session = nullptr;             ///< null when the client has gone
  bool waiting = false;                        ///< application code works on the request
  bool left_alone = false;                     ///< ... and whoever called it has gone on to other things
  std::optional<response> answer;              ///< ... and has finished with this
  std::optional<auth_result> who;              ///< what authentication said
  std::optional<negotiate_reply> negotiation;  ///< what the negotiate hook said
  peer_address client;                         ///< who asks: the peer, or who stands behind trusted proxies
  std::string host;                            ///< as trusted proxies have it; empty: the header `Host`
  task_context context;
  cancellation cancel;

  /// Ready for the next request on whatever connection; keeps its room.
  void reset() {
    reader.reset();
    out.capacity() > 64 * 1024 ? out.release() : out.clear();
    sent = 0;
    unread.clear();
    if (unread.capacity() > 64 * 1024) unread = std::string();
    session = nullptr;
    waiting = false;
    left_alone = false;
    answer.reset();
    who.reset();
    negotiation.reset();
    cancel = cancellation();
  }
};

}  // namespace hubbub::inline v0
