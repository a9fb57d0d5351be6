// The server: hubs, plain HTTP answers and raw WebSockets on the same ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "hubbub/connection/principal.hpp"
#include "hubbub/connection/request.hpp"
#include "hubbub/core/job.hpp"
#include "hubbub/core/logger.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/endpoint_builder.hpp"
#include "hubbub/http.hpp"
#include "hubbub/hub.hpp"
#include "hubbub/metrics.hpp"
#include "hubbub/raw_websocket.hpp"
#include "hubbub/server_options.hpp"

namespace hubbub::inline v0 {

class server_core;

/// A server and its shards. Set it up on one thread, then `run`, or `start` and `wait`. `stop`, `post`, `spawn`, `port`
/// and contexts may be used from any thread while it exists. What is set up after `start` throws std::logic_error.
class server {
 public:
  /// Listens nowhere yet.
  explicit server(server_options options = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops and waits.
  ~server();

  /// One more address to listen at.
  server& listen(listen_options where);
  /// Where log lines go; the default writes to standard error from `information` on. Null: nowhere.
  server& use_logger(std::shared_ptr<logger> log);
  /// Web pages of these origins (`https://app.example`) may connect, besides those of the same host and port; one rule
  /// for the WebSocket check and for CORS. `*`: all of them. Throws std::invalid_argument for a text that is no origin.
  server& allowed_origins(std::vector<std::string> origins);

  /// Maps a hub class to a path; `arguments` go to the constructor of its objects. The builder lives as long as the
  /// server.
  template <class Hub, class... Arguments>
  endpoint_builder& map(std::string_view path, Arguments&&... arguments) {
    return map_endpoint(path, make_hub_endpoint<Hub>(host(), std::forward<Arguments>(arguments)...));
  }
  /// Sends to the clients of a hub class from outside of it. `name` only when the mapping was given one.
  template <class Hub>
  [[nodiscard]] hub_context<Hub> context(const std::string& name = {}) {
    return make_hub_context<Hub>(host(), name);
  }
  /// A filter around the calls and the connections of all hubs, those mapped before it too. The first one added is the
  /// outermost, and all of them stand before those of a mapping (`endpoint_builder::add_filter`). It is called on all
  /// shards at once: see hub_filter.
  server& add_filter(hub_filter filter);
  /// Maps raw WebSockets to a path.
  server& map_websocket(std::string_view path, websocket_handler handler, websocket_limits limits = {});

  /// Who is who: called for each request that becomes or concerns a connection, on all shards at once. `check` takes a
  /// `request const&` and returns an `auth_result` or a `task<auth_result>`. An exception is answered with 500.
  template <class Check>
  server& authenticate(Check check) {
    if constexpr (std::is_convertible_v<std::invoke_result_t<Check&, const request&>, auth_result>) {
      return use_authentication(std::function<auth_result(const request&)>(std::move(check)));
    } else {
      return use_authentication(std::function<task<auth_result>(const request&)>(std::move(check)));
    }
  }

  /// Answers GET (and HEAD) of a path. `handler` takes a `request const&` and returns a `response` or a
  /// `task<response>`; it is called on all shards at once. An exception is answered with 500.
  template <class Handler>
  server& get(std::string_view path, Handler handler) {
    if constexpr (std::is_convertible_v<std::invoke_result_t<Handler&, const request&>, response>) {
      return add_page(path, std::function<response(const request&)>(std::move(handler)));
    } else {
      return add_page(path, std::function<task<response>(const request&)>(std::move(handler)));
    }
  }
  /// Serves the files below `directory` under `prefix`. Throws std::invalid_argument when it is no directory.
  server& serve_directory(std::string_view prefix, const std::string& directory);
  /// Answers `healthy`, and 503 while the server stops.
  server& health(std::string_view path);

  /// Answers GET of a path with `prometheus_text(metrics())`. Whoever can reach the path can read it: see
  /// docs/observability.md.
  server& metrics(std::string_view path);
  /// What was counted since the start; empty before it. Any thread: shards are neither asked nor stopped.
  [[nodiscard]] server_metrics metrics() const;

  /// Opens the addresses and starts the shards. Throws std::system_error or std::invalid_argument with the name and the
  /// value of the option that is to blame.
  void start();
  /// Reads the certificates of all TLS listeners again; connections that are open keep theirs. Throws
  /// std::invalid_argument with the file that is to blame, and then everything stays as it was. Any thread, after
  /// `start`; `run` does it at SIGHUP.
  void reload_tls();
  /// The port of the first address that has one.
  [[nodiscard]] std::uint16_t port() const;
  /// Says goodbye to all clients, lets them and running methods finish for `drain_timeout`, then ends them. Returns at
  /// once.
  void stop();
  /// Returns when the server has stopped. A method that never returns keeps it from that.
  void wait();
  /// `start`, then `stop` at SIGTERM or SIGINT, and `wait`.
  void run();

  /// Number of shards; known after `start`.
  [[nodiscard]] std::size_t shards() const noexcept;
  /// Runs `work` on a shard (modulo their number). False when its mailbox is full or the server does not run.
  bool post(std::size_t shard_index, job work);
  /// Starts a task on a shard. Throws std::logic_error when the server does not run.
  template <class T>
  [[nodiscard]] std::future<T> spawn(std::size_t shard_index, task<T> work) {
    return hubbub::spawn(shard_at(shard_index), std::move(work));
  }

 private:
  [[nodiscard]] hub_host& host() noexcept;
  [[nodiscard]] shard& shard_at(std::size_t index);
  endpoint_builder& map_endpoint(std::string_view path, std::shared_ptr<hub_endpoint> hub);
  server& use_authentication(std::function<auth_result(const request&)> check);
  server& use_authentication(std::function<task<auth_result>(const request&)> check);
  server& add_page(std::string_view path, std::function<response(const request&)> page);
  server& add_page(std::string_view path, std::function<task<response>(const request&)> page);

  std::unique_ptr<server_core> core_;
};

}  // namespace hubbub::inline v0
