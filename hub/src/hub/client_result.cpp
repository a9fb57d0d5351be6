// The way of a call to a client and of its answer: to the client's shard, and back.
#include "hubbub/hub/client_result.hpp"

#include <cxxabi.h>

#include <cstdlib>

#include "hub_connection.hpp"
#include "hubbub/core/base64.hpp"
#include "hubbub/core/random.hpp"
#include "hubbub/hub/hub_endpoint.hpp"
#include "hubbub/hub/hub_error.hpp"
#include "lifetime_manager.hpp"

namespace hubbub::inline v0 {
namespace {

std::string random_id() {
  char bytes[12];
  random_bytes(bytes, sizeof bytes);
  return "s" + base64url_encoded({bytes, sizeof bytes});  // as the reference begins its own
}

std::string readable(const char* mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string name = status == 0 ? text : mangled;
  std::free(text);
  return name;
}

}  // namespace

struct detail::client_call_wait::call {
  encoded_message message;
};

void detail::client_call_wait::set_call(std::string_view method, std::size_t count,
                                        function_ref<void(value_writer&)> arguments) {
  answer_->invocation_id = random_id();
  call_ = std::make_shared<call>(call{lifetime_->encode_call(answer_->invocation_id, method, count, arguments)});
}

bool detail::client_call_wait::start(std::coroutine_handle<> waiting, task_context& context) {
  if (context.before_client_call != nullptr) context.before_client_call(context);
  context_ = &context;
  if (context.cancel != nullptr && context.cancel->requested()) {
    cancelled_ = true;
    return false;
  }
  answer_->asker = context.home;
  answer_->waiting = waiting;
  answer_->context = &context;
  if (context.cancel != nullptr) context.cancel->add(*this);
  context.home->timers().add(*this, context.home->time().now() + timeout_);
  lifetime_->ask(answer_, std::exchange(call_, nullptr)->message);
  return true;
}

detail::client_call_wait::~client_call_wait() {
  if (context_ == nullptr) return;
  context_->home->timers().remove(*this);
  if (answer_->waiting) give_up();
}

// Nobody waits any more: an answer that comes later is ignored.
void detail::client_call_wait::give_up() {
  answer_->waiting = nullptr;
  lifetime_->forget(answer_);
}

void detail::client_call_wait::on_due() {
  const std::coroutine_handle<> waiting = answer_->waiting;
  if (!waiting) return;  // the answer was here first
  timed_out_ = true;
  unlink();
  give_up();
  come_home(*context_, waiting);
}

void detail::client_call_wait::on_cancelled() {
  const std::coroutine_handle<> waiting = answer_->waiting;
  if (!waiting) return;
  cancelled_ = true;
  context_->home->timers().remove(*this);
  give_up();
  come_home(*context_, waiting);
}

void detail::client_call_wait::check() const {
  if (answer_->what == client_answer::kind::value && !cancelled_ && !timed_out_) return;
  if (cancelled_) throw operation_cancelled();
  if (timed_out_) throw client_result_error("Invocation canceled by the server.");
  if (answer_->what == client_answer::kind::error) throw hub_error(answer_->text);
  throw client_result_error(answer_->text);
}

// ------------------------------------------------------------------------------------------- on the client's shard

void hub_connection::ask(std::shared_ptr<detail::client_answer> answer, frame* adopted) {
  send_frame(adopted);
  const std::string_view id = answer->invocation_id;
  rare().asked.emplace(id, std::move(answer));
  if (state_ >= state::closing) fail_client_results();  // it has said goodbye already
}

void hub_connection::take_client_result(const hub_message& message) {
  if (rare_ == nullptr) return;
  const auto found = rare_->asked.find(message.invocation_id);
  if (found == rare_->asked.end()) return;
  const std::shared_ptr<detail::client_answer> answer = found->second;  // its key is a view of it
  rare_->asked.erase(found);
  read_client_result(*answer, message);
  lifetime_manager::answered(answer);
}

void hub_connection::read_client_result(detail::client_answer& answer, const hub_message& message) {
  using kind = detail::client_answer::kind;
  answer.what = kind::error;
  if (message.has_error) {
    answer.text = message.error;
    return;
  }
  if (!message.has_result) {
    answer.text = "Client didn't provide a result.";
    return;
  }
  bool fits = false;
  protocol().with_reader(message.value, [&](value_reader& reader) { fits = answer.read(reader) && reader.ok(); });
  if (fits) {
    answer.what = kind::value;
  } else {
    answer.text = "Error trying to deserialize result to " + readable(answer.type_name()) + ".";
  }
}

void hub_connection::forget_client_result(const detail::client_answer& answer) {
  if (rare_ != nullptr) rare_->asked.erase(answer.invocation_id);
}

void hub_connection::fail_client_results() {
  if (rare_ == nullptr) return;
  for (const auto& [id, one] : std::exchange(rare_->asked, {})) {
    one->what = detail::client_answer::kind::failed;
    one->text = "Connection '" + link_->id().text() + "' disconnected.";
    lifetime_manager::answered(one);
  }
}

// ---------------------------------------------------------------------------------------------------- the way there

void lifetime_manager::ask(const std::shared_ptr<detail::client_answer>& answer, const encoded_message& message) {
  const auto refuse = [](const std::shared_ptr<detail::client_answer>& to, std::string why) {
    to->what = detail::client_answer::kind::failed;
    to->text = std::move(why);
    answered(to);
  };
  const auto does_not_exist = [](const detail::client_answer& of) {
    return "Connection '" + of.client.text() + "' does not exist.";
  };
  const bool known = answer->client != connection_id() && answer->client.home() < stores_.size();
  if (!known) return refuse(answer, does_not_exist(*answer));
  shard* there = host_.shards()[answer->client.home()];
  const auto deliver = [this, refuse, does_not_exist, there](const std::shared_ptr<detail::client_answer>& to,
                                                             const encoded_message& call) {
    hub_connection* client = store(*there).find(to->client);
    frame* shared = client == nullptr ? nullptr : call.of(client->link().format());
    if (shared == nullptr) return refuse(to, does_not_exist(*to));
    shared->acquire();
    client->ask(to, shared);
  };
  if (there == answer->asker) return deliver(answer, message);
  const bool posted = there->post([deliver, answer, message] { deliver(answer, message); }, message.weight());
  if (!posted) refuse(answer, "the mailbox of the client's shard is full (server option mailbox_limit)");
}

void lifetime_manager::forget(const std::shared_ptr<detail::client_answer>& answer) {
  if (answer->client == connection_id() || answer->client.home() >= stores_.size()) return;
  shard* there = host_.shards()[answer->client.home()];
  const auto drop = [this, there, answer] {
    if (hub_connection* client = store(*there).find(answer->client)) client->forget_client_result(*answer);
  };
  if (there == answer->asker) return drop();
  there->post(drop);
}

// The answer is whole: its asker goes on, on its own shard, unless it has given up.
void lifetime_manager::answered(const std::shared_ptr<detail::client_answer>& answer) {
  const auto resume = [answer] {
    const std::coroutine_handle<> waiting = std::exchange(answer->waiting, nullptr);
    if (waiting) come_home(*answer->context, waiting);
  };
  if (answer->asker->is_current()) return resume();
  answer->asker->post(resume);
}

encoded_message lifetime_manager::encode_call(std::string_view invocation_id, std::string_view method,
                                              std::size_t count, write_values arguments) const {
  return encode(invocation_id, method, count, arguments);
}

}  // namespace hubbub::inline v0
