// A client in the test's own process: the far end of a connection, speaking either hub protocol.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "hubbub/connection/connection.hpp"
#include "hubbub/core/shard.hpp"
#include "hubbub/testing/raw_client.hpp"
#include "support/wire_form.hpp"

namespace hub_story {

class stage;
class client;
using hubbub_test::wire_form;
using nlohmann::json;

/// One lock for all that tests look at and wait for.
struct record {
  std::mutex mutex;
  std::condition_variable changed;
};

/// Who arrives, and where.
struct arrival {
  std::optional<unsigned> shard = {};
  std::string target = "/story";        ///< of the request; `?user=...` is the user id
  std::vector<std::string> roles = {};  ///< with a role or `known`, the client is authenticated
  bool known = false;
  bool long_polling = false;
  bool text_only = false;              ///< on a transport that carries no bytes
  std::optional<wire_form> form = {};  ///< the hub protocol; that of the cell when a handshake is made, else JSON
  std::optional<std::chrono::system_clock::time_point> authenticated_until = {};
  bool stateful = false;  ///< asks for stateful reconnect; where shards are driven by hand
};

/// What a shard's clients share: at the end of a turn those with something to do get on with it. One shard.
class post_office final : public hubbub::turn_listener {
 public:
  explicit post_office(hubbub::shard& home) : shop(home.buffer()), home_(home) { home_.add(*this); }
  ~post_office() { home_.remove(*this); }
  void on_turn_end() override;
  std::vector<client*> dirty;
  hubbub::send_workshop shop;

 private:
  hubbub::shard& home_;
};

/// How a connection ended, as its transport saw it.
enum class end { none, finished, failed, dropped };

/// A client. The functions of the first part are called by the test's thread, `link`'s on the shard. Where shards are
/// driven by hand its line is that of the testing kit.
class client final : public hubbub::link {
 public:
  client(stage& on, post_office& office, hubbub::shard& home, hubbub::connection_ref who, wire_form form);
  client(stage& on, hubbub::shard& home, hubbub::testing::raw_client& line, wire_form form);

  // What it does
  void say(std::string_view bytes);       ///< sends these bytes as they are
  void say_message(const json& message);  ///< sends one message
  void shake_hands();                     ///< ... and waits for the answer
  void ping() { say_message({{"type", 6}}); }
  std::string begin(std::string_view target, json arguments = json::array());  ///< calls; the id of the invocation
  void tell(std::string_view target, json arguments = json::array());          ///< calls without id
  json call(std::string_view target, json arguments = json::array());          ///< calls and waits: the completion
  json result(std::string_view target, json arguments = json::array());        ///< ... its result
  std::string error(std::string_view target, json arguments = json::array());  ///< ... its error
  void cancel(const std::string& id) { say_message({{"type", 5}, {"invocationId", id}}); }
  void stop_reading();  ///< takes nothing any more, as a peer whose window is full
  void read_again();
  void leave();   ///< the line breaks
  void cut();     ///< the same; under stateful reconnect the connection waits
  bool resume();  ///< comes back, if it may; says nothing yet
  void remove();  ///< asks for the connection's end outside of it: DELETE of long polling

  // What it saw
  json next();                                 ///< waits for the next message that is no ping
  std::vector<json> news();                    ///< what has come since the last look, without pings
  std::vector<std::string> received_texts();   ///< first argument of each `Receive` that is new
  json completion_of(const std::string& id);   ///< waits for it; others stay unread
  bool has_completion(const std::string& id);  ///< whether it has come by now
  end wait_for_end();
  end wait_for_nothing();  ///< how it has ended by now, as a rule not at all
  std::size_t pings();
  std::vector<std::string> writes();  ///< all transport messages so far
  std::size_t flushes_asked();        ///< how often the connection asked for a flush in between
  bool asked_to_pause();
  std::size_t unread_by_server();  ///< bytes that wait in this client because input is paused
  std::size_t waiting_bytes();

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] unsigned shard() const noexcept { return home_.index(); }

  // link
  void wake() override { mark(); }
  void flush_now() override;
  void finish(hubbub::ending how) override;
  void drop() override;
  void pause_reading() override;
  void resume_reading() override;

 private:
  friend class post_office;
  friend class stage;
  void mark();
  void deliver(std::string bytes);
  void send_out();
  void get_on();
  void note_end(end how);
  void read(std::string_view piece);
  void look();

  stage& stage_;
  post_office* office_ = nullptr;                // with threads
  hubbub::testing::raw_client* line_ = nullptr;  // by hand
  hubbub::shard& home_;
  std::string id_;
  wire_form form_;
  bool stateful_ = false;
  int next_id_ = 0;

  // On the shard
  hubbub::connection_ref connection_;
  bool marked_ = false;
  bool blocked_ = false;
  bool paused_ = false;
  std::optional<end> wanted_end_;
  std::string held_back_;  ///< said while input was paused

  // Under the record's lock
  std::vector<std::string> writes_;
  std::string unfinished_;
  bool answered_ = false;  ///< the answer to the handshake has come, which is JSON in any protocol
  std::vector<json> messages_;
  std::size_t looked_at_ = 0;
  std::size_t pings_ = 0;
  std::size_t flushes_asked_ = 0;
  end end_ = end::none;
};

}  // namespace hub_story
