// Adding up what shards have counted.
#include "hub_counters.hpp"

#include <utility>

namespace hubbub::inline v0 {

namespace {

// Several mappings of one name have, as a rule, the same methods.
method_metrics& method_of(hub_metrics& sum, std::string_view name) {
  for (method_metrics& one : sum.methods) {
    if (one.name == name) return one;
  }
  return sum.methods.emplace_back(method_metrics{std::string(name)});
}

}  // namespace

hub_counters::hub_counters(const hub_type& type) : type_(type), methods_(type.methods().size()) {
  for (std::size_t i = 0; i < bounds_.size(); ++i) bounds_[i] = clock_.ticks(duration_histogram::bounds[i]);
}

void hub_counters::add_to(hub_metrics& sum) const {
  for (std::size_t i = 0; i < traffic_rows; ++i) {
    // A connection changes its row in two steps: whoever looks between them must not see less than nobody.
    const auto now = static_cast<std::int64_t>(now_[i].read());
    sum.connections[i].now += now > 0 ? static_cast<std::uint64_t>(now) : 0;
    sum.connections[i].total += total_[i].read();
  }
  for (std::size_t i = 0; i < ended_.size(); ++i) sum.ended[i] += ended_[i].read();
  sum.unknown_calls += unknown_calls_.read();
  sum.resumed += resumed_.read();
  const auto methods = type_.methods();
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const method_counters& from = methods_[i];
    method_metrics& to = method_of(sum, methods[i].name);
    to.errors += from.errors.read();
    to.duration.sum_seconds += clock_.seconds(from.ticks.read());
    for (std::size_t bucket = 0; bucket < from.buckets.size(); ++bucket) {
      const std::uint64_t count = from.buckets[bucket].read();
      to.duration.buckets[bucket] += count;
      to.calls += count;
    }
  }
}

void add_traffic(const traffic_counters& of, hub_metrics& sum) {
  for (std::size_t i = 0; i < traffic_rows; ++i) {
    sum.connections[i].bytes_received += of.received[i].read();
    sum.connections[i].bytes_sent += of.sent[i].read();
  }
}

hub_metrics empty_metrics(std::string name) {
  hub_metrics made;
  made.name = std::move(name);
  for (const transport_kind transport :
       {transport_kind::web_sockets, transport_kind::server_sent_events, transport_kind::long_polling}) {
    made.connections.push_back({transport, std::nullopt});
    made.connections.push_back({transport, protocol_kind::json});
    made.connections.push_back({transport, protocol_kind::messagepack});
  }
  return made;
}

}  // namespace hubbub::inline v0
