// Comparing users by their claim `sub`.
#include "endpoint/changed_user.hpp"

#include <optional>
#include <string>

#include "shard_server.hpp"

namespace hubbub::inline v0 {

bool accepts_user(shard_server& home, const hub_mapping& hub, const connection& of, const principal* who,
                  std::string_view what) {
  const auto name = [](const principal* user) { return user == nullptr ? std::nullopt : user->find("sub"); };
  if (name(who) == name(of.user())) return true;
  const bool refused = hub.changed_user == user_change::refuse;
  const std::string id = of.id_for_logs();
  const std::string text = std::string(what) + " came with another user than the connection was made with" +
                           (refused ? " and was refused (option changed_user)" : " (option changed_user)");
  home.home().log().log({.level = log_level::warning, .category = "server", .message = text, .connection_id = id});
  return !refused;
}

}  // namespace hubbub::inline v0
