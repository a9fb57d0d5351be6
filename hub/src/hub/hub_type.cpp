// Finding a method by the name a client sends, and naming hubs.
#include "hubbub/hub/hub_type.hpp"

#include <bit>

#include "hubbub/hub/hub_context.hpp"
#include "hubbub/hub/names.hpp"

namespace hubbub::inline v0 {
namespace {

// FNV-1a over what counts of a name: letters without case, no `_`.
std::uint32_t hash_of(std::string_view name) noexcept {
  std::uint32_t hash = 2166136261u;
  for (char c : name) {
    if (c == '_') continue;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

}  // namespace

hub_type::hub_type(std::string_view name, std::vector<hub_method> methods, connected_hook on_connected,
                   disconnected_hook on_disconnected)
    : name_(name),
      methods_(std::move(methods)),
      table_(std::bit_ceil(methods_.size() * 2 + 1)),
      connected_(on_connected),
      disconnected_(on_disconnected) {
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    std::size_t slot = hash_of(methods_[i].name) & (table_.size() - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = static_cast<std::uint16_t>(i + 1);
  }
}

const hub_method* hub_type::find(std::string_view target) const noexcept {
  if (target.size() > 256) return nullptr;  // no method is called that, and hashing it costs
  for (std::size_t slot = hash_of(target) & (table_.size() - 1); table_[slot] != 0;
       slot = (slot + 1) & (table_.size() - 1)) {
    const hub_method& method = methods_[table_[slot] - 1];
    if (method.name == target || same_wire_name(method.name, target)) return &method;
  }
  return nullptr;
}

std::string detail::hub_name(std::string_view printed) {
  // Namespaces and class keys go, template brackets only part words: `a::hub<a::tag>` -> `HubTag`.
  std::string name;
  std::string word;
  const auto take = [&] {
    bool upper = true;
    for (const char c : word) {
      if (c == '_') {
        upper = true;
        continue;
      }
      name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      upper = false;
    }
    word.clear();
  };
  for (const char c : printed) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') {
      word += c;
    } else if (c == ':' || c == ' ' || c == '(' || c == ')' || c == '{' || c == '}') {
      word.clear();  // namespaces, nameless ones and functions around the class among them
    } else {
      take();
    }
  }
  take();
  return name;
}

}  // namespace hubbub::inline v0
