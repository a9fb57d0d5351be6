// Messages of the JSON hub protocol as they go out.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "hubbub/json.hpp"
#include "vectors.hpp"

namespace hubbub::test {
namespace {

std::string send(const nlohmann::json& vector) {
  const hub_protocol& protocol = json_hub_protocol();
  wire_buffer out;
  const std::string id = vector.value("invocationId", "");
  const auto write = [&](const char* name) {
    return [&vector, name](value_writer& writer) { write_value(writer, vector.at(name)); };
  };
  switch (vector.at("type").get<int>()) {
    case 1: {
      const auto& arguments = vector.at("arguments");
      protocol.write_invocation(out, id, vector.at("target").get<std::string>(), arguments.size(),
                                [&](value_writer& writer) {
                                  for (const auto& argument : arguments) write_value(writer, argument);
                                });
      break;
    }
    case 2: protocol.write_stream_item(out, id, write("item")); break;
    case 3:
      if (vector.contains("error")) {
        protocol.write_error_completion(out, id, vector.at("error").get<std::string>());
      } else if (!vector.contains("result")) {
        protocol.write_void_completion(out, id);
      } else if (vector.at("result").is_null()) {
        protocol.write_null_completion(out, id);
      } else {
        protocol.write_completion(out, id, write("result"));
      }
      break;
    case 5: protocol.write_cancel(out, id); break;
    case 6: protocol.write_ping(out); break;
    case 7: protocol.write_close(out, vector.value("error", ""), vector.value("allowReconnect", false)); break;
    case 8: protocol.write_ack(out, vector.at("sequenceId").get<std::int64_t>()); break;
    case 9: protocol.write_sequence(out, vector.at("sequenceId").get<std::int64_t>()); break;
    default: throw std::runtime_error("no such message is sent");
  }
  return std::string(out.view());
}

TEST(json_send, vectors_are_written_byte_for_byte) {
  for (const auto& vector : load_vectors("json_send.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());

    EXPECT_EQ(send(vector), vector.at("wire").get<std::string>());
  }
}

TEST(json_send, what_is_written_parses_again) {
  for (const auto& vector : load_vectors("json_send.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string wire = send(vector);
    hub_message message;
    std::size_t scanned = 0;

    const message_cut cut = json_hub_protocol().cut(wire, scanned, 0);
    ASSERT_EQ(cut.found, message_cut::outcome::whole);
    EXPECT_EQ(cut.used, wire.size());
    ASSERT_EQ(json_hub_protocol().parse(std::string_view(wire).substr(cut.begin, cut.size), message),
              parse_status::message)
        << message.problem;

    EXPECT_EQ(static_cast<int>(message.type), vector.at("type").get<int>());
    EXPECT_EQ(message.invocation_id, vector.value("invocationId", ""));
    EXPECT_EQ(message.target, vector.value("target", ""));
    EXPECT_EQ(message.error, vector.value("error", ""));
  }
}

std::string written_value(const nlohmann::json& vector) {
  const std::string kind = vector.at("kind").get<std::string>();
  if (kind == "text") return written(std::string_view(bytes_of(vector, "value")));
  if (kind == "bool") return written(vector.at("value").get<bool>());
  if (kind == "int64") return written(vector.at("value").get<std::int64_t>());
  if (kind == "uint64") return written(vector.at("value").get<std::uint64_t>());
  if (kind == "double") return written(vector.at("value").get<double>());
  if (kind == "float") return written(vector.at("value").get<float>());
  if (kind != "bytes") throw std::runtime_error("unknown kind " + kind);
  const std::string value = bytes_of(vector, "value");
  const auto* first = reinterpret_cast<const std::byte*>(value.data());
  return written(bytes(first, first + value.size()));
}

TEST(json_send, values_are_written_byte_for_byte) {
  for (const auto& vector : load_vectors("json_values.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());

    EXPECT_EQ(written_value(vector), vector.at("wire").get<std::string>());
  }
}

TEST(json_send, escapes_are_found_at_every_place_of_a_text) {
  for (std::size_t size = 0; size < 70; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '"';

      std::string expected(size, 'x');
      expected.replace(at, 1, "\\\"");
      ASSERT_EQ(written(text), '"' + expected + '"');
    }
  }
}

TEST(json_send, numbers_that_json_has_not_throw_at_the_sender_and_leave_nothing_behind) {
  wire_buffer out;
  out.put("before");
  for (const double value :
       {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    const auto write = [&](value_writer& writer) { write_value(writer, value); };
    EXPECT_THROW(json_hub_protocol().write_completion(out, "1", write), std::invalid_argument);
    EXPECT_THROW(json_hub_protocol().write_stream_item(out, "1", write), std::invalid_argument);
    EXPECT_THROW(json_hub_protocol().write_invocation(out, "", "X", 1, write), std::invalid_argument);
    EXPECT_THROW(written(static_cast<float>(value)), std::invalid_argument);
  }
  EXPECT_EQ(out.view(), "before");
}

TEST(json_send, every_double_reads_back) {
  for (double value = 1; value < 1e308; value *= -1.7) {
    for (const double one : {value, 1 / value, std::floor(value), value + 0.5})
      EXPECT_EQ(bound<double>(written(one)), one);
  }
  EXPECT_EQ(bound<double>(written(std::numeric_limits<double>::denorm_min())),
            std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(bound<double>(written(std::numeric_limits<double>::max())), std::numeric_limits<double>::max());
}

TEST(json_send, values_encoded_already_are_taken_as_they_are) {
  wire_buffer out;

  json_hub_protocol().write_invocation(out, "", "X", 2, [](value_writer& writer) {
    writer.write_raw("[1]");
    writer.write_raw("{}");
  });

  EXPECT_EQ(out.view(), "{\"type\":1,\"target\":\"X\",\"arguments\":[[1],{}]}\x1e");
}

}  // namespace
}  // namespace hubbub::test
