// The hub of the chat sample: rooms, and what is said in them.
#pragma once

#include <hubbub/hub.hpp>

#include <string>
#include <utility>

#include "guest_book.hpp"

class chat_hub : public hubbub::hub<chat_hub> {
 public:
  explicit chat_hub(guest_book& book) : book_(book) {}

  void on_connected() { clients().caller().send("Rooms", book_.now()); }
  hubbub::task<void> on_disconnected(const hubbub::close_reason&) { return leave_room(); }

  hubbub::task<void> join_room(std::string name, std::string room) {
    if (name.empty() || room.empty()) throw hubbub::hub_error("A name and a room, please.");
    if (name.size() + room.size() > 200) throw hubbub::hub_error("A shorter name, please.");
    co_await leave_room();
    name_ = name;
    room_ = room;
    clients().all().send("Rooms", book_.enter(room, name));
    co_await groups().add(connection_id(), room);
    clients().others_in_group(room).send("Joined", name);
  }

  void say(std::string text) {
    if (room_.empty()) throw hubbub::hub_error("Join a room first.");
    clients().group(room_).send("Said", connection_id(), name_, text);
  }

  hubbub::task<void> leave_room() {
    if (room_.empty()) co_return;
    const std::string room = std::exchange(room_, {});
    clients().all().send("Rooms", book_.leave(room, name_));
    clients().others_in_group(room).send("Left", name_);
    co_await groups().remove(connection_id(), room);
  }

  using methods = hubbub::methods<&chat_hub::join_room, &chat_hub::say, &chat_hub::leave_room>;

 private:
  guest_book& book_;
  std::string name_, room_;
};
