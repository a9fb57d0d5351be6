// Requests that leave for the home of their connection, and their late answers.
#include <charconv>
#include <utility>

#include "endpoint/home_request.hpp"
#include "http/http_session.hpp"
#include "http/response_writer.hpp"
#include "long_polling/long_polling_link.hpp"
#include "net/poller.hpp"
#include "shard_server.hpp"

namespace hubbub::inline v0 {
namespace {

void put_number(wire_buffer& out, std::size_t number) {
  char digits[20];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.put({digits, static_cast<std::size_t>(end - digits)});
}

void tell(const poll_place& where, const request_ticket& of, poll_outcome how) {
  connection_table& table = where.home->table();
  const std::uint32_t entry = table.find_any(where.bits);
  if (entry == connection_table::nowhere || table.at(entry).polling == nullptr) return;
  table.at(entry).polling->reported(of, how);
}

}  // namespace

bool answer_later(shard_server& from, const request_ticket& to, late_answer what) {
  const auto answer = [](const request_ticket& ticket, const late_answer& ready) {
    http_session* const waits = ticket.at->waiting().find(ticket);
    if (waits == nullptr) return;
    waits->begin_late_answer(ready, ready.body.size()).put(ready.body);
    waits->end_late_answer(ready.report);
  };
  if (to.at == &from) {
    answer(to, what);
    return true;
  }
  const std::size_t weight = what.body.size();
  return to.at->home().post([answer, to, what = std::move(what)] { answer(to, what); }, weight);
}

served http_session::leave_to(shard_server& home, home_request::kind what, const token_bits& bits,
                              const hub_mapping& hub) {
  shard_server& here = server();
  http_exchange& now = *exchange_;
  parked_ = std::make_unique<parked_request>();
  parked_->slot = here.waiting().enter(*this);
  if (what == home_request::kind::poll) parked_->poll = {&home, bits};
  parked_->keep_alive = now.reader.keep_alive();
  parked_->says_so = asked().version() == 10;
  response headers;
  hub.origins.http.add_headers(asked(), headers);
  parked_->headers = std::move(headers.headers);
  const request_ticket ticket{&here, parked_->slot, here.waiting().generation(parked_->slot)};

  home_request leaving{what, bits, &hub, ticket, recycled_request(), now.who ? now.who->who() : nullptr};
  std::swap(*leaving.asked, now.reader.request());
  now.reader.reset();
  now.who.reset();
  now.negotiation.reset();
  if (now.out.size() == now.sent) here.give_back(std::move(exchange_));  // a request that waits owns little
  if (&home == &here) {
    serve_at_home(home, std::move(leaving));
  } else {
    const std::size_t weight = leaving.asked->body().size() + 512;
    const bool posted = home.home().post(
        [&home, leaving = std::move(leaving)]() mutable { serve_at_home(home, std::move(leaving)); }, weight);
    if (!posted) answer_later(here, ticket, {.status = 503, .of_poll = what == home_request::kind::poll});
  }
  return parked_ != nullptr ? served::waiting : served::answered;
}

wire_buffer& http_session::begin_late_answer(const late_answer& what, std::size_t size) {
  ensure_exchange();
  wire_buffer& out = exchange_->out;
  out.put("HTTP/1.1 ");
  put_number(out, static_cast<std::size_t>(what.status));
  out.put(" ");
  out.put(reason_phrase(what.status));
  out.put("\r\nContent-Type: ");
  out.put(what.content_type);
  if (what.status != 204) {
    out.put("\r\nContent-Length: ");
    put_number(out, size);
  }
  out.put("\r\nDate: ");
  out.put(server().date());
  if (what.of_poll) {
    out.put("\r\nCache-Control: no-cache, no-store\r\nPragma: no-cache\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT");
  }
  // A client that gets a goodbye polls once more before it has read it. While the server stops nobody else would let it
  // in, and it would take the end for a failure.
  const bool once_more = what.of_poll && what.report;
  polled_ = what.of_poll && what.status == 200;
  parked_->keep_alive = parked_->keep_alive && may_go_on(once_more);
  if (!parked_->keep_alive) {
    out.put("\r\nConnection: close");
  } else if (parked_->says_so) {
    out.put("\r\nConnection: keep-alive");
  }
  for (const auto& [name, value] : parked_->headers) {
    if (!is_safe_header(name, value)) continue;
    out.put("\r\n");
    out.put(name);
    out.put(": ");
    out.put(value);
  }
  out.put("\r\n\r\n");
  return out;
}

void http_session::end_late_answer(bool report) {
  if (!parked_->keep_alive) state_ = state::leaving;
  parked_->reporting = report;
  socket_->mark_dirty();
  if (!report) unpark();
}

// The request is over; what came behind it is read when its answer has left.
void http_session::unpark() {
  server().waiting().leave(parked_->slot);
  const std::unique_ptr<parked_request> done = std::move(parked_);
  if (serving_) return;  // consume() goes on
  if (state_ != state::open) {
    if (!done->unread.empty()) state_ = state::lingering;
    return;
  }
  if (done->unread.empty()) return socket_->read(true);
  ensure_exchange();
  exchange_->unread = std::move(done->unread);
  crowded_ = true;
}

void http_session::report(poll_outcome how) {
  const poll_place where = parked_->poll;
  const request_ticket of{&server(), parked_->slot, server().waiting().generation(parked_->slot)};
  unpark();
  if (where.home == nullptr) return;
  if (where.home == &server()) return tell(where, of, how);
  if (of.at->home().stopped()) return;  // and so have the others
  where.home->home().post([where, of, how] { tell(where, of, how); });
}

}  // namespace hubbub::inline v0
