// The metrics page: valid whatever names are on it, whole, and as its document tells it.
#include "hubbub/metrics.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/prometheus_page.hpp"

namespace {

using namespace hubbub;
using hubbub_test::prometheus_page;

server_metrics sample_of_everything() {
  server_metrics made;
  hub_metrics chat;
  chat.name = "Chat";
  for (const transport_kind by :
       {transport_kind::web_sockets, transport_kind::server_sent_events, transport_kind::long_polling}) {
    chat.connections.push_back({by, std::nullopt, 1, 2, 3, 4});
    chat.connections.push_back({by, protocol_kind::json, 5, 6, 7, 8});
    chat.connections.push_back({by, protocol_kind::messagepack, 9, 10, 11, 12});
  }
  chat.ended[static_cast<std::size_t>(close_cause::outbox_full)] = 13;
  chat.unknown_calls = 14;
  chat.resumed = 15;
  method_metrics say{"Say", 6, 1};
  say.duration.buckets = {1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3};
  say.duration.sum_seconds = 200.5;
  chat.methods.push_back(say);
  made.hubs.push_back(chat);
  made.shards = 2;
  made.rejected[static_cast<std::size_t>(limit_kind::max_request_body)] = 15;
  made.network_bytes_sent = 18'446'744'073'709'551'615u;
  made.mailbox_lost = 16;
  made.log_lines_dropped = 17;
  return made;
}

TEST(the_metrics_page, holds_what_was_counted) {
  const prometheus_page page(prometheus_text(sample_of_everything()));

  const hubbub_test::sample_labels row{
      {"hub", "Chat"}, {"signalr_transport", "long_polling"}, {"protocol", "messagepack"}};
  EXPECT_EQ(page.value("signalr_server_active_connections", row), 9);
  EXPECT_EQ(page.value("hubbub_connections_total", row), 10);
  EXPECT_EQ(page.value("hubbub_received_bytes_total", row), 11);
  EXPECT_EQ(page.value("hubbub_sent_bytes_total", row), 12);
  EXPECT_EQ(page.value("hubbub_connections_ended_total", {{"hub", "Chat"}, {"cause", "outbox_full"}}), 13);
  EXPECT_EQ(page.value("hubbub_connections_resumed_total", {{"hub", "Chat"}}), 15);
  EXPECT_EQ(page.value("hubbub_method_calls_total", {{"hub", "Chat"}, {"method", "Say"}}), 6);
  EXPECT_EQ(page.value("hubbub_method_calls_total", {{"hub", "Chat"}, {"method", "(unknown)"}}), 14);
  EXPECT_EQ(
      page.value("hubbub_method_duration_seconds_bucket", {{"hub", "Chat"}, {"method", "Say"}, {"le", "2.5e-05"}}), 3);
  EXPECT_EQ(page.value("hubbub_method_duration_seconds_bucket", {{"hub", "Chat"}, {"method", "Say"}, {"le", "+Inf"}}),
            6);
  EXPECT_EQ(page.value("hubbub_method_duration_seconds_sum", {{"hub", "Chat"}, {"method", "Say"}}), 200.5);
  EXPECT_EQ(page.value("hubbub_method_duration_seconds_count", {{"hub", "Chat"}, {"method", "Say"}}), 6);
  EXPECT_EQ(page.value("hubbub_rejected_total", {{"limit", "max_request_body"}}), 15);
  EXPECT_EQ(page.value("hubbub_mailbox_lost_total"), 16);
  EXPECT_EQ(page.value("hubbub_log_lines_dropped_total"), 17);
}

TEST(the_metrics_page, writes_whole_numbers_whole) {
  const std::string text = prometheus_text(sample_of_everything());

  EXPECT_NE(text.find("\nhubbub_network_sent_bytes_total 18446744073709551615\n"), std::string::npos);
}

TEST(the_metrics_page, is_valid_without_any_hub) {
  EXPECT_FALSE(prometheus_page(prometheus_text({})).families().empty());
}

TEST(the_metrics_page, escapes_names) {
  server_metrics odd = sample_of_everything();
  const std::string name = "a\"b\\c\nd\xc3\xa9{}=,";
  odd.hubs[0].name = name;
  odd.hubs[0].methods[0].name = name;

  const prometheus_page page(prometheus_text(odd));

  EXPECT_EQ(page.value("hubbub_method_calls_total", {{"hub", name}, {"method", name}}), 6);
}

TEST(the_metrics_page, has_a_sample_for_each_cause_and_limit) {
  const prometheus_page page(prometheus_text(sample_of_everything()));
  std::set<std::string> causes;
  std::set<std::string> limits;
  for (const auto& family : page.families()) {
    for (const auto& one : family.samples) {
      if (one.labels.contains("cause")) causes.insert(one.labels.at("cause"));
      if (one.labels.contains("limit")) limits.insert(one.labels.at("limit"));
    }
  }

  EXPECT_EQ(causes.size(), hub_metrics::causes);
  EXPECT_EQ(limits.size(), limit_kinds);
  EXPECT_FALSE(causes.contains("unknown"));
  EXPECT_FALSE(limits.contains(""));
}

// The table of docs/observability.md: | `name` | type | `label`, `label` | what it is |
struct told_metric {
  std::string type;
  std::set<std::string> labels;
  bool operator==(const told_metric&) const = default;
  friend void PrintTo(const told_metric& what, std::ostream* out) {
    *out << what.type;
    for (const std::string& one : what.labels) *out << " " << one;
  }
};

std::map<std::string, told_metric> metrics_of_the_document() {
  std::ifstream file(HUBBUB_OBSERVABILITY_DOCUMENT);
  if (!file) throw std::runtime_error("no document at " HUBBUB_OBSERVABILITY_DOCUMENT);
  std::map<std::string, told_metric> told;
  const auto quoted = [](const std::string& cell) {
    std::vector<std::string> all;
    for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at)) {
      const std::size_t end = cell.find('`', at + 1);
      all.push_back(cell.substr(at + 1, end - at - 1));
      at = end + 1;
    }
    return all;
  };
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `hubbub_") && !line.starts_with("| `signalr_")) continue;
    std::istringstream cells(line);
    std::string name;
    std::string type;
    std::string labels;
    std::getline(cells, name, '|');  // in front of the first bar
    std::getline(cells, name, '|');
    std::getline(cells, type, '|');
    std::getline(cells, labels, '|');
    told_metric one;
    one.type = type.substr(1, type.size() - 2);
    for (std::string& label : quoted(labels)) one.labels.insert(std::move(label));
    told.emplace(quoted(name).at(0), one);
  }
  return told;
}

TEST(the_metrics_page, is_what_its_document_tells) {
  std::map<std::string, told_metric> exported;
  const prometheus_page page(prometheus_text(sample_of_everything()));
  for (const auto& family : page.families()) {
    told_metric& one = exported[family.name];
    one.type = family.type;
    for (const auto& sample : family.samples) {
      for (const auto& [label, value] : sample.labels) {
        if (label != "le") one.labels.insert(label);
      }
    }
  }

  EXPECT_EQ(metrics_of_the_document(), exported);
}

// The reader itself: a test that cannot fail says nothing.
TEST(the_strict_reader, refuses_pages_that_are_wrong) {
  const std::string good = "# HELP a_total help\n# TYPE a_total counter\na_total{x=\"1\"} 2\n";
  const std::string histogram = "# HELP h help\n# TYPE h histogram\n";
  EXPECT_NO_THROW(prometheus_page{good});
  EXPECT_NO_THROW(prometheus_page(histogram + "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"));

  for (const std::string& wrong : {
           std::string("a_total 2\n"),                                             // no TYPE
           good.substr(0, good.size() - 1),                                        // no end of the last line
           good + good,                                                            // a family twice
           good + "a_total{x=\"1\"} 3\n",                                          // a sample twice
           good + "a_total{x=\"2\"} 3 123\n",                                      // a timestamp
           good + "a_total{x=\"2\"}  3\n",                                         // two spaces
           good + "a_total{x=\"\\q\"} 3\n",                                        // an unknown escape
           good + "a_total{x=\"\xff\"} 3\n",                                       // no UTF-8
           good + "a_total{x=\"2\",x=\"3\"} 3\n",                                  // a label twice
           good + "a_total{1x=\"2\"} 3\n",                                         // no name
           good + "a_total{x=\"2\"} -3\n",                                         // less than nothing
           good + "a_total{x=\"2\"} three\n",                                      // no number
           good + "b_total 3\n",                                                   // of no family
           std::string("# HELP a help\n# TYPE a counter\na 1\n"),                  // a counter without _total
           std::string("# HELP a_total help\n# TYPE a_total gauge\na_total 1\n"),  // a gauge with it
           std::string("# TYPE a gauge\na 1\n"),                                   // no HELP
           histogram + "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 1\n",               // no +Inf
           histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 1\n",  // falling
           histogram + "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 1\n",
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 2\n",  // two counts
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n",           // no sum
       }) {
    EXPECT_THROW(prometheus_page{wrong}, std::runtime_error) << wrong;
  }
}

}  // namespace
