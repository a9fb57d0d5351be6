// The three ways of carrying bytes.
#include "carried_client.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace hubbub_test {

std::string json_field(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return json.substr(begin, json.find('"', begin) - begin);
}

std::string negotiated(const test_server& server, int version, const std::string& path) {
  const wire_answer got = server.client().ask("POST", path + "/negotiate?negotiateVersion=" + std::to_string(version));
  EXPECT_EQ(got.status, 200);
  return json_field(got.body, version == 0 ? "connectionId" : "connectionToken");
}

std::string post_request(const std::string& target, std::string_view body) {
  return "POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

event_reader::event_reader(wire_client socket, const std::string& token, std::string_view more_headers,
                           const std::string& path)
    : socket_(std::move(socket)) {
  head_ = socket_.ask("GET", path + "?id=" + token, "Accept: text/event-stream\r\n" + std::string(more_headers));
}

std::string event_reader::event() {
  std::string got = chunk();
  if (got == ":\r\n") got = chunk();  // the comment at the beginning
  if (got.empty()) return {};
  constexpr std::string_view before = "data: ";
  constexpr std::string_view behind = "\r\n\r\n";
  if (!got.starts_with(before) || !got.ends_with(behind)) throw std::runtime_error("no event: " + got);
  return got.substr(before.size(), got.size() - before.size() - behind.size());
}

carried_client::carried_client(const test_server& server, carriage how, const std::string& path)
    : server_(server), how_(how), token_(negotiated(server, 1, path)), target_(path + "?id=" + token_) {
  switch (how_.by) {
    case hubbub::transport_kind::web_sockets:
      websocket_ = std::make_unique<wire_client>(server.websocket(target_));
      return;
    case hubbub::transport_kind::server_sent_events:
      events_ = std::make_unique<event_reader>(server.client(), token_, std::string_view(), path);
      EXPECT_EQ(events_->head().status, 200);
      return;
    case hubbub::transport_kind::long_polling: EXPECT_EQ(next_socket().ask("GET", target_).status, 200); return;
  }
}

wire_client& carried_client::next_socket() {
  if (sockets_.size() < how_.shards + 1) {
    sockets_.push_back(server_.client());
    return sockets_.back();
  }
  return sockets_[next_++ % sockets_.size()];
}

void carried_client::send(std::string_view bytes, int opcode) {
  if (websocket_ != nullptr) return websocket_->send_frame(opcode, bytes);
  wire_client& socket = next_socket();
  socket.send(post_request(target_, bytes));
  EXPECT_EQ(socket.answer().status, 200);
}

void carried_client::listen() {
  if (how_.by != hubbub::transport_kind::long_polling) return;
  poll_ = std::make_unique<wire_client>(server_.client());
  poll_->send("GET " + target_ + " HTTP/1.1\r\nHost: test\r\n\r\n");
  server_.await_open_poll(token_);
}

std::string carried_client::message() {
  if (websocket_ != nullptr) {
    const wire_frame next = websocket_->frame();
    opcode_ = next.opcode;
    return next.opcode == 1 || next.opcode == 2 ? next.payload : std::string();
  }
  if (events_ != nullptr) return events_->event();
  if (poll_ != nullptr) return std::exchange(poll_, nullptr)->answer().body;
  for (;;) {
    const wire_answer got = next_socket().ask("GET", target_);
    if (got.status != 200) return {};
    if (!got.body.empty()) return got.body;
  }
}

std::string carried_client::receive(std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const std::string next = message();
    if (next.empty()) break;
    all += next;
  }
  return all;
}

void carried_client::leave() {
  websocket_.reset();
  events_.reset();
  poll_.reset();
  sockets_.clear();
}

}  // namespace hubbub_test
