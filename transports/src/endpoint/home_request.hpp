// What polls, POSTs and DELETEs ask of a connection, taken to its home shard.
#pragma once

#include <cstdint>
#include <memory>

#include "http/late_answer.hpp"
#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "negotiate/connection_table.hpp"

namespace hubbub::inline v0 {

struct hub_mapping;

/// A request on its way to the home of its connection. A value that is moved.
struct home_request {
  enum class kind : std::uint8_t {
    poll,
    post,
    delivered_post,  ///< its body was delivered already, the answer has to wait
    remove,
  };
  kind what = kind::poll;
  token_bits bits{};
  const hub_mapping* hub = nullptr;
  request_ticket from;
  std::unique_ptr<request> asked;
  std::shared_ptr<const principal> who;  ///< null: anonymous
};

/// Serves it, on the thread of `home`; the answer goes to `asked.from`, now or later.
void serve_at_home(shard_server& home, home_request asked);

}  // namespace hubbub::inline v0
