// The opening handshake (RFC 6455, 4).
#include "websocket/websocket_handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using hubbub::request;
using fields = std::vector<std::pair<std::string, std::string>>;

request upgrade(fields headers, const char* method = "GET", int version = 11) {
  request asked;
  asked.set_line(method, "/chat", version);
  for (const auto& [name, value] : headers) asked.add_header(name, value);
  return asked;
}

const fields proper{{"Host", "a"},
                    {"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"Sec-WebSocket-Version", "13"}};

fields with(const std::string& name, const std::string& value) {
  fields changed = proper;
  for (auto& field : changed) {
    if (field.first == name) field.second = value;
  }
  return changed;
}
fields without(const std::string& name) {
  fields changed = proper;
  std::erase_if(changed, [&](const auto& field) { return field.first == name; });
  return changed;
}
fields twice(const std::string& name) {
  fields changed = proper;
  for (const auto& field : proper) {
    if (field.first == name) changed.push_back(field);
  }
  return changed;
}

TEST(websocket_handshake, knows_an_upgrade) {
  EXPECT_TRUE(hubbub::asks_for_websocket(upgrade(proper)));
  EXPECT_TRUE(hubbub::asks_for_websocket(upgrade(with("Upgrade", "h2c, WebSocket"))));
  EXPECT_TRUE(hubbub::asks_for_websocket(upgrade(with("Connection", "keep-alive, UPGRADE"))));
  fields two_lines = with("Connection", "keep-alive");
  two_lines.emplace_back("Connection", "upgrade");
  EXPECT_TRUE(hubbub::asks_for_websocket(upgrade(two_lines)));
}

TEST(websocket_handshake, leaves_other_requests_alone) {
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(proper, "POST")));
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(proper, "GET", 10)));
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(without("Upgrade"))));
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(without("Connection"))));
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(with("Upgrade", "websockets"))));
  EXPECT_FALSE(hubbub::asks_for_websocket(upgrade(with("Connection", "keep-alive"))));
}

TEST(websocket_handshake, accepts_a_proper_request) { EXPECT_EQ(hubbub::check_upgrade(upgrade(proper)).status, 101); }

TEST(websocket_handshake, refuses_other_versions_with_426) {
  for (const auto& headers :
       {with("Sec-WebSocket-Version", "12"), with("Sec-WebSocket-Version", "13, 8"), with("Sec-WebSocket-Version", ""),
        without("Sec-WebSocket-Version"), twice("Sec-WebSocket-Version")}) {
    EXPECT_EQ(hubbub::check_upgrade(upgrade(headers)).status, 426);
  }
}

TEST(websocket_handshake, refuses_what_is_no_key) {
  for (const char* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ=A",
                          "dGhlIHNhbXBsZSBub25jZQ==A", "dGhlIHNhbXBsZSBub2 jZQ==", "dGhlIHNhbXBsZSBub-5jZQ==",
                          "dGhlIHNhbXBsZSBub25jZWFi", "=====================Q=="}) {
    EXPECT_EQ(hubbub::check_upgrade(upgrade(with("Sec-WebSocket-Key", key))).status, 400) << key;
  }
  EXPECT_EQ(hubbub::check_upgrade(upgrade(without("Sec-WebSocket-Key"))).status, 400);
  EXPECT_EQ(hubbub::check_upgrade(upgrade(twice("Sec-WebSocket-Key"))).status, 400);
}

TEST(websocket_handshake, refuses_a_body) {
  request asked = upgrade(proper);
  asked.append_body("frames?");

  EXPECT_EQ(hubbub::check_upgrade(asked).status, 400);
}

TEST(websocket_handshake, proves_that_it_understood) {
  const auto accept = hubbub::websocket_accept("dGhlIHNhbXBsZSBub25jZQ==");  // RFC 6455, 1.3

  EXPECT_EQ(std::string(accept.data(), accept.size()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(websocket_handshake, answers) {
  hubbub::wire_buffer out;
  hubbub::write_upgrade_answer(out, upgrade(proper));
  EXPECT_EQ(out.view(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");

  out.clear();
  hubbub::write_upgrade_answer(out, upgrade(proper), "chat.v1");
  EXPECT_TRUE(out.view().ends_with("xOo=\r\nSec-WebSocket-Protocol: chat.v1\r\n\r\n"));
}

}  // namespace
