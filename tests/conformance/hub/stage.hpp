// The stage of the hub suite: shards, one mapped hub, clients without sockets. Driven by hand through the testing kit
// (hubbub/testing.hpp), or with a thread for each shard; tests are written once and run on all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client.hpp"
#include "hubbub/core/blocking.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/hub/hub_context.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/testing/host.hpp"
#include "support/recording_logger.hpp"
#include "world.hpp"

namespace hub_story {

/// How many shards, and who drives them.
struct cell {
  unsigned shards = 1;
  bool threads = false;
  wire_form form = wire_form::json;  ///< what clients speak unless a test says otherwise
  friend void PrintTo(const cell& what, std::ostream* out) {
    *out << what.shards << (what.threads ? " shards with threads" : " shards by hand") << ", " << name_of(what.form);
  }
};

/// Maps the hub of a test, and others behind it where needed.
using endpoints = std::vector<std::shared_ptr<hubbub::hub_endpoint>>;
using map_hub = std::function<endpoints(hubbub::hub_host&, world&)>;
using set_hub = std::function<void(hubbub::hub_settings&)>;

/// Everything a test needs. Made and used by the test's thread.
class stage {
 public:
  stage(cell where, const map_hub& map, const set_hub& set);
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  ~stage();

  /// A new client on the next shard, or on the one named. It has not said anything yet.
  client& arrive(arrival how = {});
  /// A new client whose handshake is done and whose on_connected has run.
  client& connect(arrival how = {});

  /// Runs `work` on a shard, in a turn, and waits for it.
  void run_on(unsigned shard, const std::function<void()>& work);
  /// Lets everything that is under way arrive: what is posted, deferred, queued. Time does not pass.
  void settle();
  /// Lets time pass. By hand only.
  void advance(std::chrono::milliseconds time_to_pass);
  /// Waits until `true_now` is; fails the test, naming `what`, when that takes too long. Called with the record locked.
  bool wait(const std::function<bool()>& true_now, std::string_view what);
  /// Everybody leaves, everything ends; then connections that are still there fail the test.
  void end();

  /// Connections the endpoint still has on all shards.
  std::size_t busy();
  [[nodiscard]] bool by_hand() const noexcept { return !where_.threads; }
  [[nodiscard]] unsigned shard_count() const noexcept { return where_.shards; }
  [[nodiscard]] hubbub::shard& shard_at(unsigned index) noexcept { return *host.shards()[index]; }

  record seen;  ///< what clients received and what the hub noted: one lock, one place to wait
  world about{seen};
  std::shared_ptr<hubbub_test::recording_logger> log;

 private:
  std::unique_ptr<hubbub::testing::host> kit_;  // by hand
  hubbub::hub_host own_host_;                   // with threads

 public:
  hubbub::hub_host& host;
  std::shared_ptr<hubbub::hub_endpoint> endpoint;

 private:
  struct actor {
    std::unique_ptr<hubbub::shard> home;
    std::unique_ptr<post_office> office;
    std::thread thread;
  };
  void start_threads();
  client& arrive_by_hand(unsigned shard, const arrival& how);

  endpoints mapped_;
  cell where_;
  hubbub::blocking_pool pool_{2};
  std::vector<std::unique_ptr<actor>> actors_;
  std::vector<std::unique_ptr<client>> clients_;
  unsigned next_shard_ = 0;
  bool ended_ = false;
};

}  // namespace hub_story
