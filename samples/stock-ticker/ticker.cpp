// The stock ticker sample: prices stream to the page, orders stream to the hub, and the hub asks before it does
// something large.
#include <hubbub/server.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "market.hpp"
#include "sample_options.hpp"

struct order {
  std::string symbol;
  std::string side;  ///< "buy" or "sell"
  int quantity = 0;
};
HUBBUB_FIELDS(order, symbol, side, quantity)

/// What became of one order.
struct execution {
  order what;
  double price = 0;
  bool done = false;
  std::string note;
};
HUBBUB_FIELDS(execution, what, price, done, note)

/// What became of all of them.
struct receipt {
  int done = 0;
  int refused = 0;
  double turnover = 0;
};
HUBBUB_FIELDS(receipt, done, refused, turnover)

// What the page understands.
inline constexpr hubbub::event<"Executed", execution> executed;
inline constexpr hubbub::client_method<"Confirm", bool(std::string)> confirm;

class ticker_hub : public hubbub::hub<ticker_hub> {
 public:
  using client = hubbub::client_interface<executed, confirm>;

  explicit ticker_hub(market& exchange) : market_(exchange) {}

  std::vector<stock> stocks() { return market_.stocks(); }

  hubbub::stream<std::vector<quote>> prices() {
    for (;;) {
      co_yield market_.quotes();
      co_await hubbub::sleep(market::tick);
    }
  }

  hubbub::task<receipt> trade(hubbub::stream_reader<order> orders) {
    receipt all;
    while (std::optional<order> next = co_await orders.next()) {
      execution one = co_await execute(std::move(*next));
      one.done ? ++all.done : ++all.refused;
      if (one.done) all.turnover += one.price * one.what.quantity;
      clients().caller().send(executed, one);
    }
    co_return all;
  }

  using methods = hubbub::methods<&ticker_hub::stocks, &ticker_hub::prices, &ticker_hub::trade>;

 private:
  static constexpr double large = 10'000;

  hubbub::task<execution> execute(order wanted) {
    execution one;
    one.what = std::move(wanted);
    const std::optional<double> price = market_.price_of(one.what.symbol);
    if (!price || one.what.quantity < 1 || one.what.quantity > 1'000'000) {
      one.note = "no such order can be executed";
      co_return one;
    }
    one.price = *price;
    if (one.price * one.what.quantity > large && !co_await confirmed(one)) {
      one.note = "not confirmed";
      co_return one;
    }
    one.done = true;
    co_return one;
  }

  hubbub::task<bool> confirmed(const execution& one) {
    char value[32];
    std::snprintf(value, sizeof value, "%.2f", one.price * one.what.quantity);
    auto question =
        clients().caller().invoke(confirm, "Really " + one.what.side + ' ' + std::to_string(one.what.quantity) + ' ' +
                                               one.what.symbol + " for " + value + '?');
    question.timeout(std::chrono::minutes(1));
    try {
      co_return co_await question;
    } catch (const hubbub::client_result_error&) {  // no answer within the minute
      co_return false;
    }
  }

  market& market_;
};

// Writes down what was traded.
hubbub::task<void> audit(hubbub::hub_invocation& call, hubbub::filter_next next) {
  co_await next();
  const receipt* all = call.result<receipt>();
  if (all == nullptr || all->done == 0) co_return;
  const std::string line = std::to_string(all->done) + " orders worth " + std::to_string(all->turnover);
  const std::string id = call.hub().connection_id();
  call.hub().log().log({.category = "audit", .message = line, .connection_id = id, .hub_method = call.method()});
}

int main(int argc, char** argv) try {
  const sample_options options = read_options(
      argc, argv, {.web = TICKER_SAMPLE_FOLDER "/web", .library = TICKER_SAMPLE_FOLDER "/node_modules/@microsoft"});
  market exchange;
  hubbub::server app({.port = options.port});
  app.map<ticker_hub>("/ticker", std::ref(exchange)).add_filter(&audit);
  app.serve_directory("/lib", options.library);
  app.serve_directory("/", options.web);
  app.run();
} catch (const std::exception& problem) {
  std::cerr << "stock_ticker: " << problem.what() << '\n';
  return 1;
}
