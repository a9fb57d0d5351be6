// The testing host: hubs in process, without sockets, without threads, on a clock that stands still.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

#include "hubbub/connection/principal.hpp"
#include "hubbub/core/logger.hpp"
#include "hubbub/core/task.hpp"
#include "hubbub/hub/hub_context.hpp"
#include "hubbub/testing/client.hpp"
#include "hubbub/testing/endpoint.hpp"
#include "hubbub/testing/failure.hpp"
#include "hubbub/testing/raw_client.hpp"

namespace hubbub::inline v0::testing {

/// How a host is made.
struct host_options {
  unsigned shards = 1;                               ///< clients are dealt to them in turn; all are driven by the test
  protocol_kind protocol = protocol_kind::json;      ///< of clients that ask for no other
  std::shared_ptr<logger> log = {};                  ///< hears of everything that `host::log` keeps
  log_level log_threshold = log_level::information;  ///< what is less important is not kept
  std::chrono::milliseconds disconnect_timeout{15'000};  ///< how long a cut client may stay away (stateful reconnect)
};

/// Who connects, and how.
struct client_options {
  std::string path = {};                ///< with query: `/chat?room=red`; empty: that of the hub
  std::string user_id = {};             ///< not empty: an authenticated user with this claim `sub`
  std::vector<std::string> roles = {};  ///< not empty: an authenticated user with these claims `role`
  std::optional<principal> user = {};   ///< instead of the two above: whom an authentication hook had found
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< of the request
  std::string remote_address = "127.0.0.1";
  std::optional<protocol_kind> protocol = {};     ///< nothing: that of the host
  bool text_only = false;                         ///< as over Server-Sent Events: no MessagePack
  bool stateful_reconnect = false;                ///< asks for it: see `client::cut` and `client::resume`
  bool long_polling = false;                      ///< as over long polling: no pings and no client timeout
  std::chrono::milliseconds pings_every{15'000};  ///< the client's own keep-alive, as in Microsoft's clients; 0: never
  std::optional<unsigned> shard = {};             ///< nothing: the next one
  std::string name = {};  ///< for messages of failed expectations; empty: the user id, or a number
};

/// Hubs and their clients in one process, driven by the calling thread and by nothing else: whatever a client does has
/// run its course when its function returns, and time passes only when it is told to. Work of `run_blocking` runs on
/// the calling thread as well, one job after the other, when nothing else is left to do. Clients that are still there
/// leave when the host is destroyed. One thread, and never from inside a hub.
class host {
 public:
  explicit host(host_options options = {});
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  /// All clients leave. Methods that do not end even then are named on stderr, and what they use stays in memory.
  ~host();

  /// Maps a hub: `map<chat_hub>("/chat", constructor arguments...)` as with `server::map`, or without the path. A first
  /// argument that is text is the path if the hub can be made from those that follow. `std::ref` passes a reference.
  /// Before the first client: std::logic_error.
  template <class Hub, class... Arguments>
  endpoint& map(Arguments&&... arguments) {
    return map_split<Hub>(std::forward<Arguments>(arguments)...);
  }
  /// Maps an endpoint that was made with `hubs()`.
  endpoint& map_endpoint(std::string path, std::type_index type, std::shared_ptr<hub_endpoint> handler);

  /// A filter of all hubs, as `server::add_filter`. Before the first client: std::logic_error.
  host& add_filter(hub_filter filter);

  /// A client whose handshake is done and whose `on_connected` has run as far as it goes. Throws connection_error when
  /// it is refused or its connection ended meanwhile. Without a path the hub must be the only one.
  [[nodiscard]] client connect(client_options options = {}) { return connect_to(nullptr, std::move(options)); }
  /// The same for one of several hubs.
  template <class Hub>
  [[nodiscard]] client connect(client_options options = {}) {
    const std::type_index type = typeid(Hub);
    return connect_to(&type, std::move(options));
  }
  /// A client that has said nothing yet, and understands nothing. Throws connection_error with a status when the
  /// endpoint refuses it.
  raw_client& arrive(const client_options& options = {});

  /// Lets everything come to rest: messages, methods, blocking work. Clients' functions do so by themselves; it is for
  /// what the test did otherwise, for example with a hub context. Throws test_failure when that never ends.
  void settle();
  /// Lets time pass, exactly to the millisecond: keep-alive, timeouts, `sleep`. What becomes ready comes to rest at its
  /// own instant, in order.
  void advance(std::chrono::milliseconds time_to_pass);
  /// The host's clock. At the beginning one hour.
  [[nodiscard]] time_point now() const noexcept;
  /// Goes on, in real time, until `true_now` is, for what other threads or Boost.Asio do: false when `limit` passed
  /// first. The only function that waits.
  bool wait_for(const std::function<bool()>& true_now, std::chrono::milliseconds limit = std::chrono::seconds(10));

  /// A hub's context, as `server::context` gives it: for sending from outside. Call `settle` after using it.
  template <class Hub>
  [[nodiscard]] hub_context<Hub> context(const std::string& name = {}) {
    return make_hub_context<Hub>(hubs(), name);
  }
  /// Runs a task and gives its result. Throws what it throws, and test_failure when it waits for something.
  template <class T>
  T run(task<T> work) {
    start();
    std::future<T> result = hubbub::spawn(*hubs().shards().front(), std::move(work));
    settle();
    if (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      throw test_failure("the task given to host::run waits for something; let it be spawned and time advance");
    }
    return result.get();
  }
  /// Stops like a server: every client is told, then waits are cancelled. Throws test_failure that names methods which
  /// run on regardless.
  void stop();

  /// The log lines so far, as `warning hub: text`.
  [[nodiscard]] std::vector<std::string> log() const;
  /// Connections that are open, or whose code still runs.
  [[nodiscard]] std::size_t connections();
  /// What hubs share: for `make_hub_endpoint` and `spawn`.
  [[nodiscard]] hub_host& hubs() noexcept;
  /// Checks and freezes the settings; the first client does it otherwise.
  void start();
  /// Runs `work` on a shard, inside a turn.
  void run_on(unsigned shard, const std::function<void()>& work);

 private:
  template <class Hub, class... Arguments>
  static constexpr bool makes = std::is_constructible_v<Hub, std::unwrap_reference_t<std::decay_t<Arguments>>&...>;

  template <class Hub>
  endpoint& map_split() {
    return map_at<Hub>({});
  }
  template <class Hub, class First, class... Rest>
  endpoint& map_split(First&& first, Rest&&... rest) {
    if constexpr (std::is_convertible_v<First, std::string> && makes<Hub, Rest...>) {
      return map_at<Hub>(std::string(std::forward<First>(first)), std::forward<Rest>(rest)...);
    } else {
      static_assert(makes<Hub, First, Rest...>,
                    "hubbub: the hub cannot be made from the arguments given to map(); pass references with std::ref");
      return map_at<Hub>({}, std::forward<First>(first), std::forward<Rest>(rest)...);
    }
  }
  template <class Hub, class... Arguments>
  endpoint& map_at(std::string path, Arguments&&... arguments) {
    return map_endpoint(std::move(path), typeid(Hub),
                        make_hub_endpoint<Hub>(hubs(), std::forward<Arguments>(arguments)...));
  }
  client connect_to(const std::type_index* type, client_options options);

  std::unique_ptr<detail::node> node_;
};

}  // namespace hubbub::inline v0::testing
