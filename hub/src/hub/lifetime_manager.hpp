// The lifetime manager: knows every connection of a hub on this node and delivers to audiences.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection_store.hpp"
#include "hubbub/connection/frame.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/hub/audience.hpp"
#include "hubbub/hub/clients.hpp"
#include "hubbub/protocol/hub_protocol.hpp"
#include "interest_table.hpp"

namespace hubbub::inline v0 {

class hub_host;

/// One message, encoded once for each format that is in use. A value; any thread.
struct encoded_message {
  std::array<frame_ref, 2> by_format;  ///< index: transfer_format
  [[nodiscard]] frame* of(transfer_format format) const noexcept {
    return by_format[static_cast<std::size_t>(format)].get();
  }
  [[nodiscard]] std::size_t size_of(transfer_format format) const noexcept { return of(format)->payload().size(); }
  [[nodiscard]] std::size_t weight() const noexcept;
};

/// One per hub type and name. `send` and `change_group` may be called from any thread, the rest on the shard in
/// question. Local delivery: the sender's shard at once, other shards by mailbox; messages of one sender keep their
/// order (section 6 of the architecture). A later backplane gets the same encoded bytes.
class lifetime_manager {
 public:
  lifetime_manager(hub_host& host, std::string name) : host_(host), name_(std::move(name)) {}
  lifetime_manager(const lifetime_manager&) = delete;
  lifetime_manager& operator=(const lifetime_manager&) = delete;

  /// Makes the stores; when the shards are known and before they run. A second call does nothing: false.
  bool start();
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The bytes of the hub's messages on a shard; after `start`.
  [[nodiscard]] traffic_counters& traffic(const shard& of) noexcept { return store(of).traffic(); }
  /// Adds those of all shards. Any thread, after `start`.
  void add_to(hub_metrics& sum) const;

  /// Registers a connection: from now on broadcasts reach it. On its shard.
  void add(hub_connection& member, std::string_view user);
  /// Forgets a connection, its groups and its user. On its shard; nothing happens when it is not registered.
  void remove(hub_connection& member);

  /// Delivers; see client_proxy::send.
  sent send(const audience& whom, std::string_view method, std::size_t count, write_values arguments);
  /// Sends a call to one client and has its answer written into `answer`, whose asker is resumed. On the asker's shard.
  void ask(const std::shared_ptr<detail::client_answer>& answer, const encoded_message& message);
  /// The asker has given up. On its shard.
  void forget(const std::shared_ptr<detail::client_answer>& answer);
  /// The answer is whole. On the client's shard, or where it was found that there is none.
  static void answered(const std::shared_ptr<detail::client_answer>& answer);
  /// The message of a call that wants an answer. Throws std::invalid_argument for values that cannot be written.
  [[nodiscard]] encoded_message encode_call(std::string_view invocation_id, std::string_view method, std::size_t count,
                                            write_values arguments) const;
  /// See group_manager.
  group_change change_group(std::string_view connection_id, std::string_view group, bool add);

 private:
  [[nodiscard]] shard* local_shard() const noexcept;
  [[nodiscard]] connection_store& store(const shard& of) noexcept { return *stores_[of.index()]; }
  [[nodiscard]] encoded_message encode(std::string_view invocation_id, std::string_view method, std::size_t count,
                                       write_values arguments) const;
  [[nodiscard]] shard_set interested(const audience& whom);
  void deliver_elsewhere(const audience& whom, const encoded_message& message, shard* here);
  void deliver_here(const audience& whom, const encoded_message& message, const shard& here);
  void change_here(hub_connection& member, std::string_view group, bool add, const shard& here);

  hub_host& host_;
  std::string name_;
  std::vector<std::unique_ptr<connection_store>> stores_;
  std::atomic<bool> started_{false};  ///< contexts may send while the server starts: who sees this sees the stores
  std::array<std::atomic<std::uint32_t>, 2> in_use_{};  ///< connections by format, on the whole node
  interest_table groups_;
  interest_table users_;
};

}  // namespace hubbub::inline v0
