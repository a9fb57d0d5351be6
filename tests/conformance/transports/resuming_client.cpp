// Counting, cutting, coming back.
#include "resuming_client.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

namespace hubbub_test {

using nlohmann::json;

resuming_client::resuming_client(const test_server& server, wire_form form, int receive_room, std::string path)
    : server_(server), form_(form), receive_room_(receive_room), path_(std::move(path)) {
  const wire_answer got =
      server.client().ask("POST", path_ + "/negotiate?negotiateVersion=1&useStatefulReconnect=true");
  if (got.body.find("\"useStatefulReconnect\":true") == std::string::npos) {
    throw std::runtime_error("stateful reconnect is not offered: " + got.body);
  }
  token_ = json_field(got.body, "connectionToken");
  id_ = json_field(got.body, "connectionId");
  socket_ = std::make_unique<wire_client>(server.client(receive_room));
  if (const int status = socket_->upgrade(target()).status; status != 101) {
    throw std::runtime_error("no WebSocket: " + std::to_string(status));
  }
}

void resuming_client::shake_hands(int version) {
  socket_->send_frame(
      1, R"({"protocol":")" + std::string(name_of(form_)) + R"(","version":)" + std::to_string(version) + "}\x1e");
  EXPECT_EQ(socket_->frame().payload, "{}\x1e");
}

void resuming_client::say(const json& message) {
  kept_.push_back(message);
  if (socket_ != nullptr) socket_->send_frame(opcode(), in_bytes(message));
}

void resuming_client::call(const std::string& target, json arguments, const std::string& id) {
  json message = {{"type", 1}, {"target", target}, {"arguments", std::move(arguments)}};
  if (!id.empty()) message["invocationId"] = id;
  say(message);
}

void resuming_client::say_aside(const json& message) { socket_->send_frame(opcode(), in_bytes(message)); }

void resuming_client::acknowledge() { say_aside({{"type", 8}, {"sequenceId", latest_}}); }

void resuming_client::take(json message) {
  const int type = message.value("type", 0);
  if (type == 9) {
    const auto number = message["sequenceId"].get<std::int64_t>();
    EXPECT_LE(number, next_) << "Microsoft's client would give up";
    sequences_.push_back(number);
    next_ = number;
    awaits_sequence_ = false;
    return;
  }
  if (awaits_sequence_) return;
  if (type == 7) closed_ = message;
  if (type == 8) {
    acknowledged_ = message["sequenceId"].get<std::int64_t>();
    for (; first_kept_ <= acknowledged_ && !kept_.empty(); ++first_kept_) kept_.pop_front();
  }
  if (type < 1 || type > 5 || next_++ <= latest_) return;
  ++latest_;
  unread_.push_back(std::move(message));
}

json resuming_client::next() {
  while (unread_.empty()) {
    const wire_frame frame = socket_->frame();
    if (frame.opcode != 1 && frame.opcode != 2) return nullptr;
    received_ += frame.payload;
    while (auto message = take_message(received_, form_)) take(std::move(*message));
    EXPECT_EQ(received_, "") << "a hub message was cut in two";
  }
  json first = std::move(unread_.front());
  unread_.pop_front();
  return first;
}

void resuming_client::cut(bool hard) {
  socket_->close(hard);
  socket_.reset();
  received_.clear();
}

int resuming_client::status_of_resuming(const std::string& more) {
  wire_client another = server_.client();
  return another.upgrade(target() + more).status;
}

void resuming_client::resume(const std::string& more) {
  socket_ = std::make_unique<wire_client>(server_.client(receive_room_));
  ASSERT_EQ(socket_->upgrade(target() + more).status, 101);
  awaits_sequence_ = true;
  say_aside({{"type", 9}, {"sequenceId", first_kept_}});
  for (const json& one : kept_) say_aside(one);
}

}  // namespace hubbub_test
