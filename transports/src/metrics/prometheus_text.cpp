// The metrics page: families in a fixed order, each with its help, its type and its samples.
#include <charconv>
#include <initializer_list>
#include <utility>

#include "hubbub/metrics.hpp"

namespace hubbub::inline v0 {
namespace {

using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

constexpr std::string_view unknown_method = "(unknown)";  // no C++ name, so that no method is called that by accident

std::string_view name_of(transport_kind transport) noexcept {
  switch (transport) {
    case transport_kind::web_sockets: return "web_sockets";
    case transport_kind::server_sent_events: return "server_sent_events";
    case transport_kind::long_polling: return "long_polling";
  }
  return "";
}

std::string_view name_of(const std::optional<protocol_kind>& protocol) noexcept {
  if (!protocol) return "none";
  return *protocol == protocol_kind::json ? "json" : "messagepack";
}

class page {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    ((text_ += "# HELP ") += name) += ' ';
    put_escaped(help, false);
    (((text_ += "\n# TYPE ") += name) += ' ') += type;
    text_ += '\n';
  }
  // A family of one sample without labels.
  void single(std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    family(name, type, help);
    sample({}, value);
  }
  template <class Number>
  void sample(labels with, Number value, std::string_view suffix = {}) {
    (text_ += name_) += suffix;
    char before = '{';
    for (const auto& [name, content] : with) {
      ((text_ += before) += name) += "=\"";
      put_escaped(content, true);
      text_ += '"';
      before = ',';
    }
    if (with.size() != 0) text_ += '}';
    text_ += ' ';
    put(value);
    text_ += '\n';
  }
  template <class Number>
  void put(Number value) {
    char digits[32];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void put_escaped(std::string_view raw, bool quoted) {
    for (const char c : raw) {
      if (c == '\\' || (quoted && c == '"')) text_ += '\\';
      if (c == '\n') {
        text_ += "\\n";
      } else {
        text_ += c;
      }
    }
  }

  std::string text_;
  std::string_view name_;
};

std::string text_of(double bound) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, bound).ptr};
}

// One sample for each transport and hub protocol of each hub.
void put_connections(page& out, const server_metrics& of, std::uint64_t connection_metrics::*value) {
  for (const hub_metrics& hub : of.hubs) {
    for (const connection_metrics& one : hub.connections) {
      out.sample(
          {{"hub", hub.name}, {"signalr_transport", name_of(one.transport)}, {"protocol", name_of(one.protocol)}},
          one.*value);
    }
  }
}

void put_hubs(page& out, const server_metrics& of) {
  out.family("signalr_server_active_connections", "gauge", "Connections to hubs that are open now.");
  put_connections(out, of, &connection_metrics::now);
  out.family("hubbub_connections_total", "counter",
             "Connections to hubs, by what they agreed on; protocol none: ended before their handshake.");
  put_connections(out, of, &connection_metrics::total);
  out.family("hubbub_received_bytes_total", "counter",
             "Bytes that clients sent to hubs, without the transport's framing.");
  put_connections(out, of, &connection_metrics::bytes_received);
  out.family("hubbub_sent_bytes_total", "counter",
             "Bytes of hub messages queued for clients, without the transport's framing.");
  put_connections(out, of, &connection_metrics::bytes_sent);
  out.family("hubbub_connections_ended_total", "counter", "Connections to hubs that ended, by cause.");
  for (const hub_metrics& hub : of.hubs) {
    for (std::size_t i = 0; i < hub.ended.size(); ++i) {
      out.sample({{"hub", hub.name}, {"cause", name_of(static_cast<close_cause>(i))}}, hub.ended[i]);
    }
  }
}

void put_resumed(page& out, const server_metrics& of) {
  out.family("hubbub_connections_resumed_total", "counter",
             "Times that a client went on with its connection over another WebSocket.");
  for (const hub_metrics& hub : of.hubs) out.sample({{"hub", hub.name}}, hub.resumed);
}

void put_calls(page& out, const server_metrics& of) {
  out.family("hubbub_method_calls_total", "counter", "Calls of hub methods that have ended.");
  for (const hub_metrics& hub : of.hubs) {
    for (const method_metrics& one : hub.methods) out.sample({{"hub", hub.name}, {"method", one.name}}, one.calls);
    out.sample({{"hub", hub.name}, {"method", unknown_method}}, hub.unknown_calls);
  }
  out.family("hubbub_method_errors_total", "counter", "Calls of hub methods that ended with an error.");
  for (const hub_metrics& hub : of.hubs) {
    for (const method_metrics& one : hub.methods) out.sample({{"hub", hub.name}, {"method", one.name}}, one.errors);
    out.sample({{"hub", hub.name}, {"method", unknown_method}}, hub.unknown_calls);
  }
  out.family("hubbub_method_duration_seconds", "histogram", "Time from the call of a hub method to its completion.");
  for (const hub_metrics& hub : of.hubs) {
    for (const method_metrics& one : hub.methods) {
      std::uint64_t up_to_here = 0;
      for (std::size_t i = 0; i < one.duration.buckets.size(); ++i) {
        up_to_here += one.duration.buckets[i];
        const bool last = i == duration_histogram::bounds.size();
        const std::string bound = last ? "+Inf" : text_of(duration_histogram::bounds[i]);
        out.sample({{"hub", hub.name}, {"method", one.name}, {"le", bound}}, up_to_here, "_bucket");
      }
      out.sample({{"hub", hub.name}, {"method", one.name}}, one.duration.sum_seconds, "_sum");
      out.sample({{"hub", hub.name}, {"method", one.name}}, up_to_here, "_count");
    }
  }
}

void put_server(page& out, const server_metrics& of) {
  out.family("hubbub_negotiations_total", "counter", "Negotiations, by what the client heard.");
  out.sample({{"result", "accepted"}}, of.negotiations_accepted);
  out.sample({{"result", "redirected"}}, of.negotiations_redirected);
  out.sample({{"result", "refused"}}, of.negotiations_refused);
  out.single("hubbub_pending_connections", "gauge", "Negotiated connections that nobody has come for yet.",
             of.pending_connections);
  out.family("hubbub_rejected_total", "counter", "Clients and requests that an option turned away.");
  for (std::size_t i = 0; i < of.rejected.size(); ++i) {
    out.sample({{"limit", name_of(static_cast<limit_kind>(i))}}, of.rejected[i]);
  }
  out.single("hubbub_slow_clients_ended_total", "counter", "Clients that were given up because they took too little.",
             of.slow_clients_ended);
  out.single("hubbub_outbox_bytes", "gauge", "Bytes that wait for clients who cannot take them now.", of.outbox_bytes);
  out.single("hubbub_waiting_clients", "gauge", "Clients for whom bytes wait.", of.waiting_clients);
  out.single("hubbub_mailbox_jobs", "gauge", "Jobs that wait for a shard to begin its next turn.", of.mailbox_jobs);
  out.single("hubbub_mailbox_bytes", "gauge", "Bytes held by these jobs.", of.mailbox_bytes);
  out.single("hubbub_mailbox_lost_total", "counter", "Jobs refused for mailbox_limit: messages were lost.",
             of.mailbox_lost);
  out.single("hubbub_raw_websockets", "gauge", "Raw WebSockets that are open now.", of.raw_websockets);
  out.single("hubbub_raw_websockets_opened_total", "counter", "Raw WebSockets that were opened.",
             of.raw_websockets_opened);
  out.single("hubbub_sockets", "gauge", "Sockets that are open now, whatever they are used for.", of.sockets);
  out.single("hubbub_sockets_accepted_total", "counter", "Sockets that were accepted and not turned away.",
             of.sockets_accepted);
  out.single("hubbub_network_received_bytes_total", "counter", "Bytes received on all sockets.",
             of.network_bytes_received);
  out.single("hubbub_network_sent_bytes_total", "counter", "Bytes sent on all sockets.", of.network_bytes_sent);
  out.single("hubbub_log_lines_dropped_total", "counter", "Log lines that the logger could not write.",
             of.log_lines_dropped);
  out.single("hubbub_shards", "gauge", "Shards of the server, a thread each.", of.shards);
}

}  // namespace

std::string_view name_of(limit_kind limit) noexcept {
  switch (limit) {
    case limit_kind::max_connections: return "max_connections";
    case limit_kind::max_connections_per_address: return "max_connections_per_address";
    case limit_kind::max_pending_connections: return "max_pending_connections";
    case limit_kind::max_pending_per_address: return "max_pending_per_address";
    case limit_kind::max_request_head: return "max_request_head";
    case limit_kind::max_request_body: return "max_request_body";
    case limit_kind::request_timeout: return "request_timeout";
    case limit_kind::allowed_origins: return "allowed_origins";
  }
  return "";
}

std::string prometheus_text(const server_metrics& of) {
  page out;
  put_hubs(out, of);
  put_resumed(out, of);
  put_calls(out, of);
  put_server(out, of);
  return std::move(out).take();
}

}  // namespace hubbub::inline v0
