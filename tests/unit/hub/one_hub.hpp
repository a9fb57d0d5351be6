// One hub on one shard driven by hand, for clients that are links of a test's own. Other tests of hubs use the testing
// kit (hubbub/testing.hpp).
#pragma once

#include <memory>
#include <utility>

#include "hubbub/connection/connection.hpp"
#include "hubbub/hub/hub_context.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "support/shards.hpp"

namespace hubbub_test {

/// A shard with `Hub` mapped on it; `arguments` go to its constructor.
template <class Hub>
class one_hub {
 public:
  template <class... Arguments>
  explicit one_hub(Arguments&&... arguments)
      : endpoint(hubbub::make_hub_endpoint<Hub>(host, std::forward<Arguments>(arguments)...)) {
    host.set_shards({&on.home});
    endpoint->start();
  }

  hand_shard on;
  hubbub::hub_host host;
  std::shared_ptr<hubbub::hub_endpoint> endpoint;
};

}  // namespace hubbub_test
