// A market that does not exist: prices that wander. One object for all connections of the stock ticker sample.
#pragma once

#include <hubbub/hub.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// What the page is told with every tick.
struct quote {
  std::string symbol;
  double price = 0;
  double change = 0;  ///< in percent, since the market opened
};
HUBBUB_FIELDS(quote, symbol, price, change)

/// What the page is told once.
struct stock {
  std::string symbol;
  std::string name;
  double opened = 0;
  std::vector<double> history;  ///< the last prices, oldest first
};
HUBBUB_FIELDS(stock, symbol, name, opened, history)

/// Connections live on several threads and share this, so it has a lock of its own. Prices move when somebody looks: by
/// one step for every tick that has passed, so that everybody sees the same market.
class market {
 public:
  static constexpr std::chrono::milliseconds tick{250};
  static constexpr std::size_t remembered = 240;  // one minute

  market() {
    for (const auto& [symbol, name, price] : {listing{"QUAY", "Quayside Shipping", 48.20},
                                              {"LARK", "Larkspur Energy", 112.75},
                                              {"MOSS", "Moss & Daughters", 7.31},
                                              {"TERN", "Tern Aerospace", 264.40},
                                              {"OPAL", "Opal Semiconductor", 639.15},
                                              {"FERN", "Fern Bank", 21.08}}) {
      stocks_.push_back({symbol, name, price, {price}});
    }
    for (std::size_t i = 0; i < remembered; ++i) step();  // a page that opens first finds a chart, too
  }

  /// All stocks with their last minute.
  std::vector<stock> stocks() {
    const std::lock_guard lock(mutex_);
    catch_up();
    return stocks_;
  }

  /// The present prices.
  std::vector<quote> quotes() {
    const std::lock_guard lock(mutex_);
    catch_up();
    std::vector<quote> all;
    for (const stock& one : stocks_) {
      const double price = one.history.back();
      all.push_back({one.symbol, price, (price / one.opened - 1) * 100});
    }
    return all;
  }

  /// The present price of one stock; nothing when there is no such stock.
  std::optional<double> price_of(std::string_view symbol) {
    const std::lock_guard lock(mutex_);
    catch_up();
    const auto found =
        std::find_if(stocks_.begin(), stocks_.end(), [&](const stock& one) { return one.symbol == symbol; });
    if (found == stocks_.end()) return std::nullopt;
    return found->history.back();
  }

 private:
  struct listing {
    const char* symbol;
    const char* name;
    double price;
  };
  using clock = std::chrono::steady_clock;

  void catch_up() {
    const auto behind = static_cast<std::size_t>((clock::now() - last_step_) / tick);
    last_step_ += tick * static_cast<clock::rep>(behind);
    for (std::size_t i = 0; i < std::min(behind, remembered); ++i) step();
  }

  void step() {
    std::normal_distribution<double> wander(0.0, 0.0022);
    for (stock& one : stocks_) {
      const double pull = 0.002 * std::log(one.opened / one.history.back());  // it does not wander off for ever
      const double next = one.history.back() * std::exp(wander(chance_) + pull);
      one.history.push_back(std::round(next * 100) / 100);
      if (one.history.size() > remembered) one.history.erase(one.history.begin());
    }
  }

  std::mutex mutex_;
  std::mt19937 chance_{std::random_device{}()};
  std::vector<stock> stocks_;
  clock::time_point last_step_ = clock::now();
};
