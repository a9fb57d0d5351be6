// Something that handles connections and is no hub: it sends back what it gets and remembers how connections ended.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "hubbub/connection/connection_handler.hpp"

namespace hubbub_test {

/// An echo without limits of its own. What a test wants to differ, it sets before the server starts.
class echo_handler final : public hubbub::connection_handler {
 public:
  /// Called instead of echoing, on the connection's shard.
  using receive = std::function<void(hubbub::connection&, hubbub::bytes_view)>;

  explicit echo_handler(hubbub::connection_limits limits = {}, receive on_bytes = {});
  ~echo_handler() override;

  [[nodiscard]] const hubbub::connection_limits& limits() const noexcept override { return limits_; }
  void open(hubbub::connection& fresh) override;
  void say_goodbye(hubbub::shard& home) override;
  void cancel_running(hubbub::shard&) override {}
  [[nodiscard]] std::size_t busy(hubbub::shard& home) const override;
  [[nodiscard]] std::string still_running(hubbub::shard&) const override { return {}; }

  /// Waits for the next connection to end and says why.
  [[nodiscard]] hubbub::close_reason next_end();
  /// Connections open now.
  [[nodiscard]] std::size_t open_now() const;
  /// Shards on which connections were opened.
  [[nodiscard]] std::set<unsigned> shards_used() const;

 private:
  class receiver;
  friend class receiver;
  void ended(receiver& over, hubbub::close_reason why);

  hubbub::connection_limits limits_;
  receive on_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<receiver*, std::unique_ptr<receiver>> open_;
  std::vector<hubbub::close_reason> ends_;
  std::set<unsigned> shards_used_;
};

}  // namespace hubbub_test
