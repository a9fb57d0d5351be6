// Routes: plain pages, files, health; and the running of application code that may take its time.
#include "endpoint/serve_request.hpp"

#include <exception>
#include <string>
#include <utility>

#include "endpoint/hub_gate.hpp"
#include "hubbub/core/blocking.hpp"
#include "shard_server.hpp"

namespace hubbub::inline v0 {
namespace {

response not_allowed() {
  response answer = response::text("Method not allowed", 405);
  answer.headers.emplace_back("Allow", "GET, HEAD");
  return answer;
}

response failed(shard_server& here, http_exchange& on, std::string_view what) {
  if (!on.cancel.requested()) {
    std::string text = "the handler of " + printable(on.reader.request().path()) + " threw: ";
    text += printable(what, 1000);  // it may repeat what the client sent
    here.home().log().write(log_level::error, "http", text);
  }
  return response::text("Internal server error", 500);
}

// Calls application code; its exceptions become an answer with status 500.
template <class Result, class Call>
void run_guarded(shard_server& here, http_exchange& on, std::optional<Result>& result, Call&& call) {
  try {
    result.emplace(std::forward<Call>(call)());
  } catch (const std::exception& error) {
    on.answer = failed(here, on, error.what());
  } catch (...) {
    on.answer = failed(here, on, "exception of unknown type");
  }
}

// Waits for application code. The exchange outlives this: the shard keeps it when its client leaves.
template <class Result>
driver run_task(task_context&, shard_server& here, http_exchange& on, std::optional<Result>& result,
                task<Result> work) {
  try {
    Result got = co_await std::move(work);
    result.emplace(std::move(got));
  } catch (const std::exception& error) {
    on.answer = failed(here, on, error.what());
  } catch (...) {
    on.answer = failed(here, on, "exception of unknown type");
  }
  here.end_waiting(on);
}

// `waiting` when the task has not finished yet.
template <class Result>
served start_task(shard_server& here, http_exchange& on, std::optional<Result>& result, std::string_view name,
                  const std::function<task<Result>(const request&)>& make) {
  std::optional<task<Result>> work;
  run_guarded(here, on, work, [&] { return make(on.reader.request()); });
  if (!work) return served::answered;
  here.begin_waiting(on, name);
  run_task(on.context, here, on, result, std::move(*work));
  if (!on.waiting) return served::answered;
  on.left_alone = true;
  return served::waiting;
}

task<response> read_file(std::shared_ptr<const static_directory> files, const request& asked) {
  // Both live in this frame until the pool has answered.
  response answer = co_await run_blocking([&files, &asked] { return files->answer(asked); });
  co_return answer;
}

struct server_of_routes {
  http_session& on;
  const origin_policy& origins;

  // The answer is in the exchange now, or will be.
  served done(served how) const {
    if (how != served::answered) return how;
    response ready = std::move(*on.exchange().answer);
    on.exchange().answer.reset();
    return reply(on, origins, std::move(ready));
  }
  [[nodiscard]] bool is_read() const { return on.asked().method() == "GET" || on.asked().method() == "HEAD"; }

  served operator()(const page_route& page) const {
    if (!is_read()) return reply(on, origins, not_allowed());
    http_exchange& now = on.exchange();
    if (const auto* plain = std::get_if<plain_page>(&page.handle)) {
      run_guarded(on.server(), now, now.answer, [&] { return (*plain)(on.asked()); });
      return done(served::answered);
    }
    return done(start_task<response>(on.server(), now, now.answer, "HTTP handler", std::get<task_page>(page.handle)));
  }
  served operator()(const directory_route& directory) const {
    http_exchange& now = on.exchange();
    const task_page read = [&](const request& asked) { return read_file(directory.files, asked); };
    return done(start_task<response>(on.server(), now, now.answer, "files", read));
  }
  served operator()(const health_route&) const {
    if (!is_read()) return reply(on, origins, not_allowed());
    const bool stopping = on.server().whole().stopping.load(std::memory_order_relaxed);
    response answer = response::text(stopping ? "stopping" : "healthy", stopping ? 503 : 200);
    answer.headers.emplace_back("Cache-Control", "no-store");
    return reply(on, origins, std::move(answer));
  }
  served operator()(const hub_route& where) const { return serve_hub(on, *where.hub, where.negotiate); }
  served operator()(const raw_route& where) const { return serve_raw(on, *where.raw); }
};

}  // namespace

served reply(http_session& on, const origin_policy& origins, response what) {
  origins.add_headers(on.asked(), what);
  return on.answer(what);
}

served authenticate(http_session& on) {
  http_exchange& now = on.exchange();
  if (now.who) return served::answered;
  const auto& hook = on.server().whole().authenticate;
  if (const auto* plain = std::get_if<plain_authentication>(&hook)) {
    run_guarded(on.server(), now, now.who, [&] { return (*plain)(on.asked()); });
    return served::answered;
  }
  if (const auto* waits = std::get_if<task_authentication>(&hook)) {
    return start_task<auth_result>(on.server(), now, now.who, "authentication", *waits);
  }
  now.who = auth_result::anonymous();
  return served::answered;
}

served ask_negotiation(http_session& on, const hub_mapping& hub) {
  http_exchange& now = on.exchange();
  if (now.negotiation) return served::answered;
  const principal* const who = now.who->who().get();
  if (const auto* plain = std::get_if<plain_negotiation>(&hub.negotiation)) {
    run_guarded(on.server(), now, now.negotiation, [&] { return (*plain)(on.asked(), who); });
  } else if (const auto* waits = std::get_if<task_negotiation>(&hub.negotiation)) {
    const std::function<task<negotiate_reply>(const request&)> ask = [&](const request& asked) {
      return (*waits)(asked, who);
    };
    return start_task<negotiate_reply>(on.server(), now, now.negotiation, "negotiate hook", ask);
  }
  return served::answered;
}

std::string retry_after_text(const server_options& options) {
  const auto wait = options.retry_after.count();
  return wait == 0 ? std::string() : std::to_string((wait + 999) / 1000);
}

void turn_away(shard_server& here, limit_kind limit) {
  here.counters().rejected(limit);
  site& whole = here.whole();
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::int64_t before = whole.complained_at.load(std::memory_order_relaxed);
  if (before != 0 && now - before < 1000) return;
  if (!whole.complained_at.compare_exchange_strong(before, now, std::memory_order_relaxed)) return;
  here.home().log().write(log_level::warning, "server",
                          "clients are refused with 503: server option " + std::string(name_of(limit)));
}

served serve_request(http_session& on) {
  site& whole = on.server().whole();
  const route* where = whole.routes.find(on.asked().path());
  if (where != nullptr) return std::visit(server_of_routes{on, whole.origins.http}, *where);
  return reply(on, whole.origins.http, response::text("Not found", 404));
}

}  // namespace hubbub::inline v0
