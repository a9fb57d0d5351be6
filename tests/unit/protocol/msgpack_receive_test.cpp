// Messages of the MessagePack hub protocol as a server receives them: what they mean, and what breaks the protocol.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "msgpack_values.hpp"

namespace hubbub::test {
namespace {

// Parses a copy that is exactly as long as the message, so that the sanitizer sees each look behind it.
parse_status parse(std::string_view wire, hub_message& message, std::vector<char>& storage) {
  storage.assign(wire.begin(), wire.end());
  storage.shrink_to_fit();
  return messagepack_hub_protocol().parse({storage.data(), storage.size()}, message);
}

class msgpack_receive : public testing::Test {
 protected:
  hub_message message_;  // one object for all messages, as a connection has it
  std::vector<char> storage_;
};

void expect_message(const nlohmann::json& vector, const hub_message& message) {
  EXPECT_EQ(static_cast<int>(message.type), vector.at("type").get<int>());
  const nlohmann::json id = vector.value("invocationId", nlohmann::json());
  EXPECT_EQ(message.has_invocation_id, !id.is_null());
  EXPECT_EQ(message.invocation_id, id.is_null() ? "" : id.get<std::string>());
  EXPECT_EQ(message.target, vector.value("target", ""));
  EXPECT_EQ(msgpack::hex_of(message.value), vector.value("value_hex", ""));
  EXPECT_EQ(message.has_result, vector.value("hasResult", false));
  EXPECT_EQ(message.has_error, vector.contains("error"));
  EXPECT_EQ(message.error, vector.value("error", ""));
  EXPECT_EQ(message.allow_reconnect, vector.value("allowReconnect", false));
  EXPECT_EQ(message.sequence_id, vector.value("sequenceId", std::int64_t{0}));
  EXPECT_EQ(message.stream_ids, vector.value("streamIds", std::vector<std::string>()));
}

TEST_F(msgpack_receive, vectors_mean_what_they_say) {
  for (const auto& vector : load_vectors("messagepack_receive.json")) {
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
      ASSERT_EQ(status, parse_status::fatal);
      EXPECT_EQ(message_.problem_type, vector.at("error_type").get<std::string>());
      EXPECT_EQ(message_.problem, vector.at("problem").get<std::string>());
    }
  }
}

TEST_F(msgpack_receive, a_message_cut_short_anywhere_is_refused_or_has_a_value_that_does_not_bind) {
  for (const auto& vector : load_vectors("messagepack_receive.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string wire = bytes_of(vector, "wire");
    for (std::size_t size = 0; size < wire.size(); ++size) {
      const parse_status status = parse(std::string_view(wire).substr(0, size), message_, storage_);
      EXPECT_TRUE(status != parse_status::fatal || !message_.problem.empty());
      if (status != parse_status::message || message_.value.empty()) continue;
      messagepack_hub_protocol().with_reader(message_.value, [](value_reader& reader) {
        const bool skipped = reader.skip();
        EXPECT_EQ(skipped, reader.ok());
      });
    }
  }
}

TEST_F(msgpack_receive, nothing_of_a_message_stays_for_the_next) {
  ASSERT_EQ(parse(from_hex("960180a137a350757491a16191a138"), message_, storage_), parse_status::message);
  ASSERT_EQ(parse(from_hex("9307a165c3"), message_, storage_), parse_status::message);
  EXPECT_TRUE(message_.stream_ids.empty() && message_.value.empty() && message_.target.empty());

  ASSERT_EQ(parse(from_hex("9106"), message_, storage_), parse_status::message);

  EXPECT_FALSE(message_.has_invocation_id || message_.has_error || message_.has_result || message_.allow_reconnect);
  EXPECT_TRUE(message_.invocation_id.empty() && message_.error.empty());
}

TEST_F(msgpack_receive, views_point_into_the_received_bytes) {
  const std::string wire = from_hex("950180a135a341646491a161");

  ASSERT_EQ(messagepack_hub_protocol().parse(wire, message_), parse_status::message);

  for (const std::string_view view : {message_.invocation_id, message_.target, message_.value}) {
    EXPECT_GE(view.data(), wire.data());
    EXPECT_LE(view.data() + view.size(), wire.data() + wire.size());
  }
}

// With the message and its arguments 64 containers are open: one more does not bind, and breaks nothing.
TEST_F(msgpack_receive, nesting_counts_over_the_whole_message) {
  for (const std::size_t depth : {61U, 62U, 63U, 100000U}) {
    std::string wire = from_hex("950180a135a341646491");
    for (std::size_t level = 0; level < depth; ++level) wire += static_cast<char>(0x91);
    wire += '\x01';

    ASSERT_EQ(parse(wire, message_, storage_), parse_status::message);

    messagepack_hub_protocol().with_reader(message_.value, [depth](value_reader& reader) {
      EXPECT_EQ(reader.skip(), depth <= 62);
      EXPECT_EQ(reader.ok(), depth <= 62);
    });
    messagepack_hub_protocol().with_reader(message_.value, [depth](value_reader& reader) {
      std::size_t entered = 0;
      while (reader.enter_array() && reader.next_element()) ++entered;
      EXPECT_EQ(entered, depth <= 62 ? depth + 1 : 63);
      EXPECT_EQ(reader.ok(), depth <= 62);
    });
  }
}

TEST_F(msgpack_receive, a_change_of_any_byte_is_survived) {
  const std::string wire =
      from_hex("960181a161a141a131a44563686f93a56869c3a92ecbc00800000000000092c3d6ff0000000091a132");
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

TEST_F(msgpack_receive, random_bytes_are_survived) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string garbage = {static_cast<char>(0x96), static_cast<char>(1 + random() % 9)};
    for (std::size_t left = random() % 60; left > 0; --left) {
      // Heads of values more often than chance gives them.
      constexpr std::string_view heads = "\x80\xc0\xa1\x91\x90\xdd\xdf\xdb\xc4\xc7\xd6\xff\x01\x31";
      garbage += random() % 2 == 0 ? heads[random() % heads.size()] : static_cast<char>(random());
    }
    const parse_status status = parse(garbage, message_, storage_);
    EXPECT_TRUE(status != parse_status::fatal || !message_.problem.empty());
  }
}

}  // namespace
}  // namespace hubbub::test
