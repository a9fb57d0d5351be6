// Messages of the MessagePack hub protocol as they go out.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>

#include "hubbub/json.hpp"
#include "msgpack_values.hpp"

namespace hubbub::test {
namespace {

std::string send(const nlohmann::json& vector) {
  const hub_protocol& protocol = messagepack_hub_protocol();
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

TEST(msgpack_send, vectors_are_written_byte_for_byte) {
  for (const auto& vector : load_vectors("messagepack_send.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());

    EXPECT_EQ(msgpack::hex_of(send(vector)), vector.at("wire_hex").get<std::string>());
  }
}

TEST(msgpack_send, what_is_written_parses_again) {
  for (const auto& vector : load_vectors("messagepack_send.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const std::string wire = send(vector);
    hub_message message;
    std::size_t scanned = 0;

    const message_cut cut = messagepack_hub_protocol().cut(wire, scanned, 0);
    ASSERT_EQ(cut.found, message_cut::outcome::whole);
    EXPECT_EQ(cut.used, wire.size());
    ASSERT_EQ(messagepack_hub_protocol().parse(std::string_view(wire).substr(cut.begin, cut.size), message),
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
  if (kind == "text") return msgpack::written(std::string_view(bytes_of(vector, "value")));
  if (kind == "bool") return msgpack::written(vector.at("value").get<bool>());
  if (kind == "int64") return msgpack::written(vector.at("value").get<std::int64_t>());
  if (kind == "uint64") return msgpack::written(vector.at("value").get<std::uint64_t>());
  if (kind == "double") return msgpack::written(vector.at("value").get<double>());
  if (kind == "float") return msgpack::written(vector.at("value").get<float>());
  if (kind != "bytes") throw std::runtime_error("unknown kind " + kind);
  const std::string value = bytes_of(vector, "value");
  const auto* first = reinterpret_cast<const std::byte*>(value.data());
  return msgpack::written(bytes(first, first + value.size()));
}

TEST(msgpack_send, values_are_written_byte_for_byte) {
  for (const auto& vector : load_vectors("messagepack_values.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());

    EXPECT_EQ(written_value(vector), vector.at("wire_hex").get<std::string>());
  }
}

TEST(msgpack_send, messages_of_every_length_have_it_in_front) {
  for (const std::size_t size :
       {0U, 1U, 118U, 119U, 120U, 121U, 16'300U, 16'374U, 16'375U, 16'376U, 2'097'150U, 3'000'000U}) {
    wire_buffer out;
    out.put("before");
    const std::string text(size, 'x');

    messagepack_hub_protocol().write_completion(out, "5", [&](value_writer& writer) { write_value(writer, text); });

    std::size_t scanned = 0;
    const std::string_view wire = out.view().substr(6);
    const message_cut cut = messagepack_hub_protocol().cut(wire, scanned, 0);
    ASSERT_EQ(cut.found, message_cut::outcome::whole) << size;
    EXPECT_EQ(cut.used, wire.size());
    hub_message message;
    ASSERT_EQ(messagepack_hub_protocol().parse(wire.substr(cut.begin, cut.size), message), parse_status::message);
    messagepack_hub_protocol().with_reader(message.value, [&](value_reader& reader) {
      std::string back;
      EXPECT_TRUE(reader.read(back) && back == text);
    });
    EXPECT_EQ(out.view().substr(0, 6), "before");
  }
}

TEST(msgpack_send, a_value_that_throws_leaves_nothing_behind) {
  wire_buffer out;
  out.put("before");
  const auto write = [](value_writer& writer) {
    writer.write(true);
    throw std::invalid_argument("no");
  };
  EXPECT_THROW(messagepack_hub_protocol().write_completion(out, "1", write), std::invalid_argument);
  EXPECT_THROW(messagepack_hub_protocol().write_stream_item(out, "1", write), std::invalid_argument);
  EXPECT_THROW(messagepack_hub_protocol().write_invocation(out, "", "X", 1, write), std::invalid_argument);
  EXPECT_EQ(out.view(), "before");
}

TEST(msgpack_send, values_encoded_already_are_taken_as_they_are) {
  wire_buffer out;

  messagepack_hub_protocol().write_invocation(out, "", "X", 2, [](value_writer& writer) {
    writer.write_raw("\x91\x01");
    writer.write_raw("\xc0");
  });

  EXPECT_EQ(msgpack::hex_of(out.view()), "0b960180c0a158929101c090");
}

TEST(msgpack_send, long_containers_have_longer_heads) {
  EXPECT_EQ(msgpack::written(std::vector<int>(15, 1)).substr(0, 4), "9f01");
  EXPECT_EQ(msgpack::written(std::vector<int>(16, 1)).substr(0, 8), "dc001001");
  EXPECT_EQ(msgpack::written(std::vector<int>(65536, 1)).substr(0, 12), "dd0001000001");
  std::map<std::string, int> map;
  for (int i = 0; i < 16; ++i) map[std::string(1, static_cast<char>('a' + i))] = i;
  EXPECT_EQ(msgpack::written(map).substr(0, 12), "de0010a16100");
}

TEST(msgpack_send, extensions_have_the_shortest_head) {
  const auto extension = [](std::size_t size) {
    wire_buffer out;
    messagepack_hub_protocol().write_stream_item(
        out, "1", [&](value_writer& writer) { writer.write_extension(5, std::string(size, 'x')); });
    hub_message message;
    std::size_t scanned = 0;
    const message_cut cut = messagepack_hub_protocol().cut(out.view(), scanned, 0);
    EXPECT_EQ(messagepack_hub_protocol().parse(out.view().substr(cut.begin, cut.size), message), parse_status::message);
    messagepack_hub_protocol().with_reader(message.value, [&](value_reader& reader) {
      std::int8_t type = 0;
      bytes_view content;
      EXPECT_EQ(reader.peek(), value_kind::extension);
      EXPECT_TRUE(reader.read_extension(type, content));
      EXPECT_EQ(type, 5);
      EXPECT_EQ(content, std::string(size, 'x'));
    });
    return msgpack::hex_of(message.value).substr(0, 6);
  };
  EXPECT_EQ(extension(0), "c70005");
  EXPECT_EQ(extension(1), "d40578");
  EXPECT_EQ(extension(2), "d50578");
  EXPECT_EQ(extension(3), "c70305");
  EXPECT_EQ(extension(4), "d60578");
  EXPECT_EQ(extension(8), "d70578");
  EXPECT_EQ(extension(16), "d80578");
  EXPECT_EQ(extension(17), "c71105");
  EXPECT_EQ(extension(256), "c80100");
  EXPECT_EQ(extension(65536), "c90001");
}

}  // namespace
}  // namespace hubbub::test
