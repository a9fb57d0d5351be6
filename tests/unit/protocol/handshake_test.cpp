// The handshake: what clients may send first, and the answers.
#include <gtest/gtest.h>

#include <string>

#include "hubbub/protocol/handshake.hpp"
#include "vectors.hpp"

namespace hubbub::test {
namespace {

TEST(handshake, vectors_mean_what_they_say) {
  for (const auto& vector : load_vectors("handshake.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());

    const handshake_request request = parse_handshake_request(bytes_of(vector, "wire"));

    ASSERT_EQ(request.valid, vector.at("valid").get<bool>()) << request.problem;
    if (request.valid) {
      EXPECT_EQ(request.protocol, vector.at("protocol").get<std::string>());
      EXPECT_EQ(request.version, vector.at("version").get<std::int64_t>());
    } else {
      EXPECT_FALSE(request.problem.empty());
      EXPECT_EQ(request.problem, vector.value("problem", request.problem));
    }
  }
}

TEST(handshake, a_request_cut_short_anywhere_is_refused) {
  const std::string wire = R"({"protocol":"json","x":[{}],"version":1})";
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_FALSE(parse_handshake_request(wire.substr(0, size)).valid) << wire.substr(0, size);
  }
  EXPECT_TRUE(parse_handshake_request(wire).valid);
}

TEST(handshake, answers_are_json_and_a_separator) {
  wire_buffer out;

  write_handshake_response(out);
  write_handshake_error(out, "The protocol 'x\"y' is not supported.");
  write_handshake_request(out, "json", 1);

  EXPECT_EQ(out.view(),
            "{}\x1e"
            "{\"error\":\"The protocol 'x\\\"y' is not supported.\"}\x1e"
            "{\"protocol\":\"json\",\"version\":1}\x1e");
}

TEST(handshake, an_own_request_is_understood) {
  wire_buffer out;
  write_handshake_request(out, "messagepack", 2);

  const handshake_request request = parse_handshake_request(out.view().substr(0, out.size() - 1));

  EXPECT_TRUE(request.valid);
  EXPECT_EQ(request.protocol, "messagepack");
  EXPECT_EQ(request.version, 2);
}

TEST(handshake, an_error_with_hostile_text_stays_text) {
  wire_buffer out;
  write_handshake_error(out, "a\xff\x1e\x01");
  EXPECT_EQ(out.view(), "{\"error\":\"a\xEF\xBF\xBD\\u001E\\u0001\"}\x1e");
}

}  // namespace
}  // namespace hubbub::test
