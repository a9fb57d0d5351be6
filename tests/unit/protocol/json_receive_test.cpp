// Messages of the JSON hub protocol as a server receives them: what they mean, and what breaks the protocol.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "vectors.hpp"

namespace hubbub::test {
namespace {

// Parses a copy that is exactly as long as the message, so that the sanitizer sees each look behind it.
parse_status parse(std::string_view wire, hub_message& message, std::vector<char>& storage) {
  storage.assign(wire.begin(), wire.end());
  storage.shrink_to_fit();
  return json_hub_protocol().parse({storage.data(), storage.size()}, message);
}

std::string nested(std::string_view before, std::size_t depth, std::string_view after) {
  return std::string(before) + std::string(depth, '[') + std::string(depth, ']') + std::string(after);
}

parse_status status_of(std::string_view wire) {
  hub_message message;
  std::vector<char> storage;
  return parse(wire, message, storage);
}

class json_receive : public testing::Test {
 protected:
  hub_message message_;  // one object for all messages, as a connection has it
  std::vector<char> storage_;
};

void expect_message(const nlohmann::json& vector, const hub_message& message) {
  EXPECT_EQ(static_cast<int>(message.type), vector.at("type").get<int>());
  if (vector.contains("invocationId")) {
    const auto& id = vector.at("invocationId");
    EXPECT_EQ(message.has_invocation_id, !id.is_null());
    EXPECT_EQ(message.invocation_id, id.is_null() ? "" : id.get<std::string>());
  }
  EXPECT_EQ(message.target, vector.value("target", std::string(message.target)));
  EXPECT_EQ(message.value, vector.value("value", std::string(message.value)));
  EXPECT_EQ(message.has_result, vector.value("hasResult", false));
  EXPECT_EQ(message.has_error, vector.contains("error"));
  EXPECT_EQ(message.error, vector.value("error", ""));
  EXPECT_EQ(message.allow_reconnect, vector.value("allowReconnect", false));
  EXPECT_EQ(message.sequence_id, vector.value("sequenceId", message.sequence_id));
  EXPECT_EQ(message.stream_ids, vector.value("streamIds", std::vector<std::string>()));
}

TEST_F(json_receive, vectors_mean_what_they_say) {
  for (const auto& vector : load_vectors("json_receive.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string expected = vector.at("expect").get<std::string>();

    const parse_status status = parse(bytes_of(vector, "wire"), message_, storage_);

    if (expected == "message") {
      ASSERT_EQ(status, parse_status::message) << message_.problem;
      expect_message(vector, message_);
    } else if (expected == "skip") {
      EXPECT_EQ(status, parse_status::skip);
    } else {
      ASSERT_EQ(expected, "fatal");
      EXPECT_EQ(status, parse_status::fatal);
      EXPECT_EQ(message_.problem_type, vector.at("error_type").get<std::string>());
      EXPECT_FALSE(message_.problem.empty());
      EXPECT_EQ(message_.problem, vector.value("problem", message_.problem));
    }
  }
}

TEST_F(json_receive, a_message_cut_short_anywhere_is_fatal) {
  for (const auto& vector : load_vectors("json_receive.json")) {
    if (vector.at("expect") == "fatal") continue;
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string wire = bytes_of(vector, "wire");
    const std::size_t end = wire.rfind('}');  // what follows the object counts for nothing

    for (std::size_t size = 0; size < end; ++size) {
      EXPECT_EQ(parse(wire.substr(0, size), message_, storage_), parse_status::fatal) << wire.substr(0, size);
    }
  }
}

TEST_F(json_receive, any_order_of_properties_means_the_same) {
  std::vector<std::string> properties = {R"("type":1)",          R"("invocationId":"7")",
                                         R"("target":"Put")",    R"("arguments":[1,{"a":"}"}])",
                                         R"("streamIds":["8"])", R"("headers":{"a":"b"})"};
  std::sort(properties.begin(), properties.end());
  do {
    std::string wire = "{";
    for (const auto& property : properties) wire += (wire.size() > 1 ? "," : "") + property;
    wire += "}";

    ASSERT_EQ(parse(wire, message_, storage_), parse_status::message) << wire;

    EXPECT_EQ(message_.target, "Put");
    EXPECT_EQ(message_.invocation_id, "7");
    EXPECT_EQ(message_.value, R"([1,{"a":"}"}])");
    EXPECT_EQ(message_.stream_ids, std::vector<std::string>{"8"});
  } while (std::next_permutation(properties.begin(), properties.end()));
}

TEST_F(json_receive, nothing_of_a_message_stays_for_the_next) {
  const std::string everything =
      R"({"type":3,"invocationId":"\u0031","error":"\u0032","streamIds":["3"],"allowReconnect":true,"sequenceId":4,"target":"\u0035"})";
  ASSERT_EQ(parse(everything, message_, storage_), parse_status::message);

  ASSERT_EQ(parse(R"({"type":6})", message_, storage_), parse_status::message);

  EXPECT_FALSE(message_.has_invocation_id || message_.has_error || message_.has_result || message_.allow_reconnect);
  EXPECT_TRUE(message_.invocation_id.empty() && message_.target.empty() && message_.error.empty());
  EXPECT_TRUE(message_.value.empty() && message_.stream_ids.empty());
  EXPECT_EQ(message_.sequence_id, 0);
}

TEST_F(json_receive, views_point_into_the_received_bytes) {
  const std::string wire = R"({"type":1,"invocationId":"1","target":"Echo","arguments":["a"]})";

  ASSERT_EQ(json_hub_protocol().parse(wire, message_), parse_status::message);

  for (const std::string_view view : {message_.invocation_id, message_.target, message_.value}) {
    EXPECT_GE(view.data(), wire.data());
    EXPECT_LE(view.data() + view.size(), wire.data() + wire.size());
  }
}

TEST_F(json_receive, nesting_counts_over_the_whole_message) {
  const auto argument = [](std::size_t depth) {
    return nested(R"({"type":1,"target":"Echo","arguments":[)", depth, "]}");
  };
  EXPECT_EQ(status_of(argument(60)), parse_status::message);
  EXPECT_EQ(status_of(argument(62)), parse_status::message);  // with the message and its arguments: 64
  EXPECT_EQ(status_of(argument(63)), parse_status::fatal);

  const auto unknown = [](std::size_t depth) { return nested(R"({"type":6,"x":)", depth, "}"); };
  EXPECT_EQ(status_of(unknown(63)), parse_status::message);
  EXPECT_EQ(status_of(unknown(64)), parse_status::fatal);

  EXPECT_EQ(status_of(std::string(100000, '[')), parse_status::fatal);
  EXPECT_EQ(status_of(R"({"type":6,"x":)" + std::string(100000, '[')), parse_status::fatal);
}

TEST_F(json_receive, nesting_of_objects_counts_too) {
  std::string deep;
  for (int level = 0; level < 63; ++level) deep += R"({"a":)";
  deep += "1" + std::string(63, '}');

  EXPECT_EQ(status_of(R"({"type":6,"x":)" + deep + "}"), parse_status::message);
  EXPECT_EQ(status_of(R"({"type":6,"x":{"a":)" + deep + "}}"), parse_status::fatal);
}

TEST_F(json_receive, a_change_of_any_byte_is_survived) {
  const std::string wire =
      R"({"type":1,"headers":{"a":"\u0041"},"invocationId":"1","target":"Echo","arguments":["\ud83d\ude00é",-1.5e3,[true,null]],"streamIds":["2"]})";
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < wire.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = wire;
      changed[at] = static_cast<char>(byte);
      if (parse(changed, message_, storage_) == parse_status::message) ++accepted;
    }
  }
  EXPECT_GT(accepted, wire.size());  // at the least the unchanged byte, each time
}

TEST_F(json_receive, random_bytes_are_survived) {
  std::mt19937 random(7);
  const std::string alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn \x01\xff\xc3\xa9typeargmntid";
  for (int round = 0; round < 20000; ++round) {
    std::string garbage(random() % 60, ' ');
    for (char& byte : garbage) byte = alphabet[random() % alphabet.size()];
    const parse_status status = parse("{\"type\":1," + garbage, message_, storage_);
    EXPECT_TRUE(status != parse_status::fatal || !message_.problem.empty());
  }
}

}  // namespace
}  // namespace hubbub::test
