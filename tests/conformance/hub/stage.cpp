// Setting the stage, driving the shards, and looking for what was left behind.
#include "stage.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace hub_story {
namespace {

constexpr std::chrono::seconds patience{60};

hubbub::principal user_of(const arrival& how) {
  std::vector<hubbub::principal::claim> claims{{"sub", "somebody"}};
  for (const std::string& role : how.roles) claims.emplace_back("role", role);
  return hubbub::principal(std::move(claims), how.authenticated_until);
}

}  // namespace

stage::stage(cell where, const map_hub& map, const set_hub& set)
    : log(std::make_shared<hubbub_test::recording_logger>(hubbub::log_level::debug)),
      kit_(where.threads ? nullptr
                         : std::make_unique<hubbub::testing::host>(hubbub::testing::host_options{
                               .shards = where.shards, .log = log, .log_threshold = hubbub::log_level::debug})),
      host(where.threads ? own_host_ : kit_->hubs()),
      where_(where) {
  if (!by_hand()) start_threads();
  mapped_ = map(host, about);
  endpoint = mapped_.front();
  if (set) set(endpoint->settings());
  endpoint->set_user_id([](const hubbub::principal*, const hubbub::request& by) {
    const std::string harm = by.query("throw").value_or(std::string());
    if (harm == "exception") throw std::runtime_error("no name");
    if (!harm.empty()) throw 42;  // NOLINT(hicpp-exception-baseclass): applications do such things
    return by.query("user").value_or(std::string());
  });
  if (by_hand()) {
    for (const auto& one : mapped_) {
      kit_->map_endpoint(one == endpoint ? "" : "/other", typeid(*this), one);  // found by path
    }
    kit_->start();
  } else {
    for (const auto& one : mapped_) one->start();
  }
  for (const auto& one : actors_) one->thread = std::thread([home = one->home.get()] { home->run(); });
}

// The shards; their threads begin when the hubs are mapped.
void stage::start_threads() {
  std::vector<hubbub::shard*> shards;
  for (unsigned i = 0; i < where_.shards; ++i) {
    auto made = std::make_unique<actor>();
    made->home = std::make_unique<hubbub::shard>(
        hubbub::shard_settings{.index = i, .log = log, .pool = &pool_, .slow_call = std::chrono::milliseconds(0)});
    made->office = std::make_unique<post_office>(*made->home);
    shards.push_back(made->home.get());
    actors_.push_back(std::move(made));
  }
  host.set_shards(std::move(shards));
}

stage::~stage() {
  end();
  for (const auto& one : actors_) {
    one->home->stop();
    if (one->thread.joinable()) one->thread.join();
  }
  pool_.stop();  // its threads may still be on their way out of a shard's post
  clients_.clear();
  mapped_.clear();
  endpoint.reset();
}

client& stage::arrive(arrival how) {
  const unsigned at = how.shard.value_or(next_shard_++) % where_.shards;
  if (by_hand()) return arrive_by_hand(at, how);
  actor& on = *actors_[at];
  run_on(at, [&] {
    hubbub::connection_ref who(new hubbub::connection(*on.home, endpoint->limits()));
    auto by = std::make_unique<hubbub::request>();
    by->set_line("GET", how.target, 11);
    by->add_header("X-Kept", "kept");
    by->add_header("X-Forgotten", "forgotten");
    by->set_peer("127.0.0.1", 4711, false);
    who->set_request(std::move(by));
    if (how.known || !how.roles.empty()) who->set_user(std::make_shared<const hubbub::principal>(user_of(how)));
    who->set_inherent_keep_alive(how.long_polling);
    who->set_carries_binary(!how.text_only);
    clients_.push_back(std::make_unique<client>(*this, *on.office, *on.home, who, how.form.value_or(wire_form::json)));
    who->attach(*clients_.back(), hubbub::rendering::payload);
    endpoint->open(*who);
  });
  return *clients_.back();
}

client& stage::arrive_by_hand(unsigned shard, const arrival& how) {
  hubbub::testing::client_options who{.path = how.target,
                                      .headers = {{"X-Kept", "kept"}, {"X-Forgotten", "forgotten"}},
                                      .text_only = how.text_only,
                                      .stateful_reconnect = how.stateful,
                                      .long_polling = how.long_polling,
                                      .shard = shard};
  if (how.known || !how.roles.empty()) who.user = user_of(how);
  clients_.push_back(
      std::make_unique<client>(*this, shard_at(shard), kit_->arrive(who), how.form.value_or(wire_form::json)));
  clients_.back()->stateful_ = how.stateful;
  return *clients_.back();
}

client& stage::connect(arrival how) {
  if (!how.form) how.form = where_.form;
  client& made = arrive(std::move(how));
  made.shake_hands();
  return made;
}

void stage::run_on(unsigned index, const std::function<void()>& work) {
  if (by_hand()) return kit_->run_on(index, work);
  std::promise<void> done;
  shard_at(index).post([&] {
    work();
    done.set_value();
  });
  ASSERT_EQ(done.get_future().wait_for(patience), std::future_status::ready) << "shard " << index << " does not answer";
}

void stage::settle() {
  if (by_hand()) {
    kit_->settle();
    for (const auto& one : clients_) one->look();
    return;
  }
  // Mailboxes keep their order: what was posted before has arrived when an empty job has. Answers need further rounds.
  for (int round = 0; round < 5; ++round) {
    for (unsigned i = 0; i < where_.shards; ++i) run_on(i, [] {});
  }
}

void stage::advance(std::chrono::milliseconds time_to_pass) {
  ASSERT_TRUE(by_hand());
  kit_->advance(time_to_pass);
  settle();
}

bool stage::wait(const std::function<bool()>& true_now, std::string_view what) {
  if (by_hand()) {
    // Everything happens on this thread but the work of the pool: that is waited for.
    for (const auto deadline = std::chrono::steady_clock::now() + patience / 4;; std::this_thread::yield()) {
      settle();
      std::lock_guard lock(seen.mutex);
      if (true_now()) return true;
      if (std::chrono::steady_clock::now() > deadline) break;
    }
    ADD_FAILURE() << "missing: " << what;
    return false;
  }
  std::unique_lock lock(seen.mutex);
  const bool came = seen.changed.wait_for(lock, patience, true_now);
  EXPECT_TRUE(came) << "missing: " << what;
  return came;
}

std::size_t stage::busy() {
  std::size_t count = 0;
  for (unsigned i = 0; i < where_.shards; ++i) {
    run_on(i, [&] { count += endpoint->busy(shard_at(i)); });
  }
  return count;
}

void stage::end() {
  if (std::exchange(ended_, true)) return;
  for (const auto& one : clients_) one->leave();
  about.open_all();
  settle();
  // With threads, pools and clocks may still be about to answer: each round trip gives them time.
  for (int round = 0; !by_hand() && round < 10'000 && busy() != 0; ++round) settle();
  EXPECT_EQ(busy(), 0u) << "connections were left behind";
  EXPECT_EQ(about.hubs_alive.load(), 0) << "hub objects were left behind";
  for (unsigned i = 0; i < where_.shards; ++i) {
    run_on(i, [&] {
      for (const auto& one : clients_) {
        if (one->shard() == i) one->connection_ = hubbub::connection_ref();
      }
    });
  }
}

}  // namespace hub_story
