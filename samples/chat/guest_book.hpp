// Who is in which room. One object for all connections of the chat sample.
#pragma once

#include <hubbub/hub.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

/// What the page is told; see the top of chat.js for `version`.
struct occupancy {
  std::int64_t version = 0;
  std::map<std::string, std::vector<std::string>> people;
};
HUBBUB_FIELDS(occupancy, version, people)

/// Connections live on several threads and share this, so it has a lock of its own. Each change returns the new state.
class guest_book {
 public:
  occupancy enter(const std::string& room, const std::string& name) {
    const std::lock_guard lock(mutex_);
    now_.people[room].push_back(name);
    ++now_.version;
    return now_;
  }

  occupancy leave(const std::string& room, const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& names = now_.people[room];
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) names.erase(found);
    if (names.empty()) now_.people.erase(room);
    ++now_.version;
    return now_;
  }

  occupancy now() {
    const std::lock_guard lock(mutex_);
    return now_;
  }

 private:
  std::mutex mutex_;
  occupancy now_;
};
