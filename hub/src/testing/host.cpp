// The testing host: what a test may ask of its node.
#include "hubbub/testing/host.hpp"

#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "node.hpp"

namespace hubbub::inline v0::testing {

host::host(host_options options) : node_(std::make_unique<detail::node>(std::move(options))) {}

host::~host() {
  try {
    if (node_->end()) return;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "hubbub::testing::host: %s\n", problem.what());
  } catch (...) {
    std::fputs("hubbub::testing::host: something that is no std::exception was thrown at the end\n", stderr);
  }
  std::fprintf(stderr, "hubbub::testing::host: these run on when the test is over: %s\n",
               node_->still_running().c_str());
  // They may still come back to their shard: it has to be there.
  std::ignore = node_.release();
}

endpoint& host::map_endpoint(std::string path, std::type_index type, std::shared_ptr<hub_endpoint> handler) {
  return node_->map(std::move(path), type, std::move(handler));
}

client host::connect_to(const std::type_index* type, client_options options) {
  return client(node_->connect(type, options));
}

raw_client& host::arrive(const client_options& options) { return node_->arrive(nullptr, options); }

host& host::add_filter(hub_filter filter) {
  if (node_->started) throw std::logic_error("hubbub: a filter is added before the first client comes");
  node_->hubs.add_filter(std::move(filter));
  return *this;
}

void host::settle() { node_->settle(); }

void host::advance(std::chrono::milliseconds time_to_pass) { node_->advance(time_to_pass); }

time_point host::now() const noexcept { return node_->time.now(); }

bool host::wait_for(const std::function<bool()>& true_now, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    settle();
    if (true_now()) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void host::stop() { node_->stop(); }

std::vector<std::string> host::log() const { return node_->log->lines(); }

std::size_t host::connections() {
  settle();
  return node_->busy();
}

hub_host& host::hubs() noexcept { return node_->hubs; }

void host::start() { node_->start(); }

void host::run_on(unsigned shard, const std::function<void()>& work) {
  node_->run_on(node_->places.at(shard)->home, work);
}

}  // namespace hubbub::inline v0::testing
