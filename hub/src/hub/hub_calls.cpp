// Calling hub methods: look-up, the call itself, and the errors that callers get for it.
#include <cxxabi.h>

#include <cstdlib>
#include <string>
#include <typeinfo>

#include "hub_connection_sending.hpp"
#include "hub_shard.hpp"
#include "hubbub/core/cancellation.hpp"
#include "hubbub/hub/client_result.hpp"
#include "hubbub/hub/hub_error.hpp"

namespace hubbub::inline v0 {
namespace {

constexpr std::size_t most_without_slot = 1000;  // docs/hubs.md

std::string type_name(const std::exception& error) {
  int status = 0;
  char* text = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? text : "exception";
  std::free(text);
  return name;
}

}  // namespace

void hub_connection::invoke(const hub_message& message) {
  const hub_method* method = place_.definition().type.find(message.target);
  if (method != nullptr) return call(*method, message);
  place_.counters().called_unknown();
  if (!message.has_invocation_id) return home_log("an invocation without id names an unknown method");
  send_error(message.invocation_id, "Failed to invoke '" + std::string(message.target) +
                                        "' due to an error on the server. HubException: Method does not exist.");
}

void hub_connection::call(const hub_method& method, const hub_message& message) {
  invocation received(*this, method, message);
  const auto enter = place_.definition().filters.around_calls() ? method.call_filtered : method.call;
  const std::uint64_t ticks = home().watched(method.name, [&] {
    try {
      enter(*hub_, received);
    } catch (...) {
      const bool failed = send_failure(message.has_invocation_id ? message.invocation_id : std::string_view(),
                                       method.name, std::current_exception(), received.trace_id());
      received.ended(failed);
    }
  });
  if (received.has_ended()) place_.counters().called(method, received.has_failed(), ticks);
}

// Slots limit how many methods of a client run; those that wait for a client's answer have none, and an answer may
// never come.
void hub_connection::expect_few_without_slot() const {
  std::size_t count = 0;
  for (const running_invocation* one = running_; one != nullptr; one = one->next_) {
    const bool plain = one->method_ != nullptr && !one->method_->shape.streams && one->method_->shape.uploads == 0;
    if (plain && !one->takes_slot_) ++count;
  }
  if (count < most_without_slot) return;
  throw client_result_error("Too many methods of this client wait for answers of clients.");
}

void hub_connection::cancel_invocation(std::string_view invocation_id) {
  for (running_invocation* one = running_; one != nullptr; one = one->next_) {
    if (one->invocation_id_ == invocation_id && one->method_ != nullptr) return one->cancel->cancel();
  }
}

void hub_connection::send_error(std::string_view invocation_id, std::string_view text) {
  send_message([&](const hub_protocol& protocol, wire_buffer& out) {
    protocol.write_error_completion(out, invocation_id, text);
  });
}

std::string hub_connection::detail_of(const std::exception_ptr& error) const {
  try {
    std::rethrow_exception(error);
  } catch (const hub_error& thrown) {
    return " HubException: " + thrown.text();
  } catch (const std::exception& thrown) {
    if (!place_.definition().settings.detailed_errors) return {};
    return " " + type_name(thrown) + ": " + thrown.what();
  } catch (...) {
    return {};
  }
}

bool hub_connection::log_failure(std::string_view method, const std::exception_ptr& error, std::string_view trace_id) {
  const auto write = [&](const std::string& what) {
    log(log_level::error, place_.definition().lifetime->name() + "." + std::string(method) + " threw " + what, method,
        trace_id);
  };
  try {
    std::rethrow_exception(error);
  } catch (const operation_cancelled&) {
    return true;
  } catch (const hub_error&) {
    // Its text is for the client, and no news for the operator.
  } catch (const std::exception& thrown) {
    write(type_name(thrown) + ": " + printable(thrown.what(), 1000));
  } catch (...) {
    write("something that is no std::exception");
  }
  return false;
}

bool hub_connection::send_failure(std::string_view invocation_id, std::string_view method,
                                  const std::exception_ptr& error, std::string_view trace_id) {
  const bool cancelled = log_failure(method, error, trace_id);
  if (invocation_id.empty() || (cancelled && state_ >= state::closing)) return !cancelled;
  send_error(invocation_id,
             "An unexpected error occurred invoking '" + std::string(method) + "' on the server." + detail_of(error));
  return true;
}

}  // namespace hubbub::inline v0
