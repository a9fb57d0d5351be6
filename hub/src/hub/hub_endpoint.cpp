// Mapped hubs: settings checked and frozen, connections opened, goodbyes said.
#include "hubbub/hub/hub_endpoint.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "hub_shard.hpp"
#include "hubbub/hub/hub_context.hpp"

namespace hubbub::inline v0 {

hub_shard::hub_shard(const hub_definition& definition, shard& home)
    : definition_(definition), home_(home), counters_(definition.type), traffic_(definition.lifetime->traffic(home)) {
  home_.add(*this);
}

hub_shard::~hub_shard() { home_.remove(*this); }

const frame_ref& hub_shard::ping(const hub_protocol& protocol) {
  frame_ref& made = pings_[static_cast<std::size_t>(protocol.format())];
  if (!made) {
    wire_buffer& out = home_.buffer().scratch();
    protocol.write_ping(out);
    made = frame_ref(frame::make(protocol.format(), out.view()));
  }
  return made;
}

void hub_shard::add(hub_connection& one) {
  one.stored.place_in_shard = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(&one);
}

void hub_shard::remove(hub_connection& one) noexcept {
  connections_[one.stored.place_in_shard] = connections_.back();
  connections_[one.stored.place_in_shard]->stored.place_in_shard = one.stored.place_in_shard;
  connections_.pop_back();
}

void hub_shard::sweep(unsigned part, unsigned parts, time_point now) {
  // From the back: a connection that ends moves the last one to its place, which was seen already.
  const std::size_t count = connections_.size();
  const std::size_t begin = count * part / parts;
  for (std::size_t i = count * (part + 1) / parts; i > begin; --i) {
    if (i <= connections_.size()) connections_[i - 1]->sweep(now);
  }
}

struct hub_host::known {
  std::mutex mutex;  // maps and contexts are made while the program starts, never on the way of a message
  std::map<std::pair<std::type_index, std::string>, std::shared_ptr<lifetime_manager>> managers;
};

hub_host::hub_host() : known_(std::make_unique<known>()) {}
hub_host::~hub_host() = default;

void hub_host::set_shards(std::vector<shard*> shards) {
  shards_ = std::move(shards);
  has_shards_.store(!shards_.empty(), std::memory_order_release);
}

shard& hub_host::any_shard() const {
  if (!has_shards_.load(std::memory_order_acquire)) throw std::logic_error("hubbub: the server was not started yet");
  shard* here = shard::current();
  if (here != nullptr && here->index() < shards_.size() && shards_[here->index()] == here) return *here;
  return *shards_.front();
}

std::shared_ptr<lifetime_manager> hub_host::lifetime_of(std::type_index type, const std::string& name) {
  std::lock_guard lock(known_->mutex);
  std::shared_ptr<lifetime_manager>& found = known_->managers[{type, name}];
  if (found == nullptr) found = std::make_shared<lifetime_manager>(*this, name);
  return found;
}

namespace {

class mapped_hub final : public hub_endpoint {
 public:
  mapped_hub(hub_host& host, const hub_type& type, std::type_index identity, detail::hub_factory factory)
      : host_(host), identity_(identity), definition_{type, std::move(factory), {}, {}, nullptr, {}} {}

  [[nodiscard]] hub_settings& settings() noexcept override { return definition_.settings; }
  void set_user_id(std::function<std::string(const principal*, const request&)> choose) override {
    definition_.user_id = std::move(choose);
  }
  void add_filter(hub_filter filter) override { own_filters_.push_back(std::move(filter)); }

  void start() override {
    check();
    hub_settings& set = definition_.settings;
    if (set.name.empty()) set.name = definition_.type.name();
    if (!definition_.user_id) {
      definition_.user_id = [](const principal* who, const request&) {
        const auto subject = who == nullptr ? std::nullopt : who->find("sub");
        return subject ? std::string(*subject) : std::string();
      };
    }
    definition_.limits.outbox = set.outbox_limit;
    definition_.limits.high_water = std::min<std::size_t>(definition_.limits.high_water, set.outbox_limit / 2);
    definition_.limits.low_water = definition_.limits.high_water / 2;
    definition_.lifetime = host_.lifetime_of(identity_, set.name);
    definition_.filters.add(host_.filters());
    definition_.filters.add(own_filters_);
    counts_traffic_ = definition_.lifetime->start();
    for (shard* one : host_.shards()) shards_.push_back(std::make_unique<hub_shard>(definition_, *one));
  }

  void add_to(std::vector<hub_metrics>& all) const override {
    const std::string& name = definition_.settings.name;
    auto found = std::find_if(all.begin(), all.end(), [&](const hub_metrics& one) { return one.name == name; });
    if (found == all.end()) found = all.insert(all.end(), empty_metrics(name));
    for (const auto& one : shards_) one->counters().add_to(*found);
    if (counts_traffic_) definition_.lifetime->add_to(*found);
  }

  [[nodiscard]] const connection_limits& limits() const noexcept override { return definition_.limits; }

  [[nodiscard]] bool allows_stateful_reconnects() const noexcept override {
    return definition_.settings.allow_stateful_reconnects;
  }

  void open(connection& fresh) override {
    new hub_connection(*shards_[fresh.home().index()], fresh);
  }  // NOLINT: owns itself

  void say_goodbye(shard& home) override {
    for (hub_connection* one : copy_of(home)) one->close({close_cause::server_stopping, {}}, {}, true);
  }
  void cancel_running(shard& home) override {
    for (hub_connection* one : copy_of(home)) one->cancel_running();
  }
  [[nodiscard]] std::size_t busy(shard& home) const override {
    return shards_.empty() ? 0 : shards_[home.index()]->connections().size();
  }
  [[nodiscard]] std::string still_running(shard& home) const override {
    std::string names;
    for (const hub_connection* one : copy_of(home)) names += one->running_names();
    return names;
  }

 private:
  [[nodiscard]] std::vector<hub_connection*> copy_of(const shard& home) const {
    return shards_.empty() ? std::vector<hub_connection*>() : shards_[home.index()]->connections();
  }

  void check() const {
    const hub_settings& set = definition_.settings;
    const auto refuse = [&](const char* option, const std::string& value, const char* wanted) {
      throw std::invalid_argument("hubbub: hub " + (set.name.empty() ? definition_.type.name() : set.name) +
                                  ": option " + option + " is " + value + ", " + wanted);
    };
    const auto positive = [&](const char* option, std::chrono::milliseconds value, bool zero_allowed) {
      if (value.count() < 0 || (value.count() == 0 && !zero_allowed) || value > std::chrono::hours(24 * 20)) {
        refuse(option, std::to_string(value.count()) + " ms", "it must be positive and at most 20 days");
      }
    };
    positive("handshake_timeout", set.handshake_timeout, false);
    positive("keep_alive_interval", set.keep_alive_interval, true);
    positive("client_timeout", set.client_timeout, true);
    if (set.max_parallel_invocations < 1 || set.max_parallel_invocations > 1000) {
      refuse("max_parallel_invocations", std::to_string(set.max_parallel_invocations), "it must be 1 to 1000");
    }
    if (set.stream_capacity < 1 || set.stream_capacity > 1'000'000) {
      refuse("stream_capacity", std::to_string(set.stream_capacity), "it must be 1 to 1000000");
    }
    if (set.upload_limit < 1024 || set.upload_limit > std::size_t{1} << 40) {
      refuse("upload_limit", std::to_string(set.upload_limit), "it must be at least 1024 bytes and at most 1 TiB");
    }
    if (set.max_streams < 1 || set.max_streams > 1'000'000) {
      refuse("max_streams", std::to_string(set.max_streams), "it must be 1 to 1000000");
    }
    if (set.outbox_limit < 1024 || set.outbox_limit > std::size_t{1} << 40) {
      refuse("outbox_limit", std::to_string(set.outbox_limit), "it must be at least 1024 bytes and at most 1 TiB");
    }
    if (set.stateful_reconnect_buffer_size < 1024 || set.stateful_reconnect_buffer_size > std::size_t{1} << 40) {
      refuse("stateful_reconnect_buffer_size", std::to_string(set.stateful_reconnect_buffer_size),
             "it must be at least 1024 bytes and at most 1 TiB");
    }
    if (set.protocols.empty()) refuse("protocols", "empty", "there must be one");
    if (set.max_message_size != 0 && set.max_message_size < 64) {
      refuse("max_message_size", std::to_string(set.max_message_size), "it must be 0 (no limit) or at least 64 bytes");
    }
  }

  hub_host& host_;
  std::type_index identity_;
  hub_definition definition_;
  std::vector<hub_filter> own_filters_;
  std::vector<std::unique_ptr<hub_shard>> shards_;
  bool counts_traffic_ = false;  ///< of several mappings of one hub, one does
};

}  // namespace

std::shared_ptr<hub_endpoint> detail::make_endpoint(hub_host& host, const hub_type& type, std::type_index identity,
                                                    hub_factory factory) {
  return std::make_shared<mapped_hub>(host, type, identity, std::move(factory));
}

}  // namespace hubbub::inline v0
