// Records, and what becomes of them as text and as JSON.
#include "hubbub/core/logger.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "support/recording_logger.hpp"

namespace {

using namespace hubbub;
using nlohmann::json;

const std::chrono::system_clock::time_point noon{std::chrono::milliseconds(1'700'000'000'042)};

// Both ends of a pipe; the writing one does not wait.
struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> made{};
    if (::pipe2(made.data(), O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    reading = made[0];
    writing = made[1];
  }
  ~pipe_ends() {
    ::close(reading);
    ::close(writing);
  }
  [[nodiscard]] std::string all() const {
    std::string got;
    char piece[4096];
    for (ssize_t size = 0; (size = ::read(reading, piece, sizeof piece)) > 0;) {
      got.append(piece, static_cast<std::size_t>(size));
    }
    return got;
  }
  int reading = -1;
  int writing = -1;
};

TEST(a_record_as_json, holds_what_is_known) {
  const log_record record{.level = log_level::warning,
                          .category = "hub",
                          .message = "it took long",
                          .connection_id = "abc",
                          .hub_method = "Chat.Say",
                          .trace_id = "0af7651916cd43dd8448eb211c80319c"};

  EXPECT_EQ(json_line(record, noon),
            R"({"time":"2023-11-14T22:13:20.042Z","level":"warning","category":"hub","message":"it took long",)"
            R"("connection":"abc","method":"Chat.Say","trace":"0af7651916cd43dd8448eb211c80319c"})");
}

TEST(a_record_as_json, leaves_out_what_is_not_known) {
  const json line = json::parse(json_line({.category = "server", .message = "listening"}, noon));

  EXPECT_EQ(line.size(), 4u);
  EXPECT_EQ(line["level"], "information");
}

TEST(a_record_as_json, is_one_valid_line_whatever_the_message_holds) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  every += "\xe2\x82\xac \xed\xa0\x80 \xf0\x9f\x98\x80 \xc0\xaf \xe2\x82";  // euro, surrogate, emoji, overlong, cut

  const std::string line = json_line({.category = every, .message = every, .connection_id = every}, noon);

  EXPECT_EQ(line.find('\n'), std::string::npos);
  for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  const json parsed = json::parse(line);
  const std::string message = parsed["message"];
  EXPECT_EQ(message.substr(0, 128), every.substr(0, 128));
  EXPECT_NE(message.find("\xe2\x82\xac"), std::string::npos);
  EXPECT_NE(message.find("\xf0\x9f\x98\x80"), std::string::npos);
}

TEST(a_logger_of_text_lines, gets_connection_and_method_behind_the_message) {
  hubbub_test::recording_logger log;

  static_cast<logger&>(log).log(
      {.category = "hub", .message = "slow", .connection_id = "abc", .hub_method = "Chat.Say"});
  static_cast<logger&>(log).log(
      {.category = "hub", .message = "Chat.Say threw", .connection_id = "abc", .hub_method = "Chat.Say"});
  static_cast<logger&>(log).log({.category = "http", .message = "nothing known"});

  const std::vector<std::string> expected{"information hub: slow (connection abc, method Chat.Say)",
                                          "information hub: Chat.Say threw (connection abc)",
                                          "information http: nothing known"};
  EXPECT_EQ(log.lines(), expected);
}

TEST(the_json_logger, writes_a_line_for_each_record_from_its_threshold_on) {
  const pipe_ends ends;
  const std::shared_ptr<logger> log = json_logger(log_level::warning, ends.writing);

  log->write(log_level::information, "hub", "not this");
  log->write(log_level::error, "hub", "this");
  log->log({.level = log_level::warning, .category = "hub", .message = "and this", .connection_id = "abc"});

  const std::string all = ends.all();
  const std::size_t end = all.find('\n');
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(json::parse(all.substr(0, end))["message"], "this");
  EXPECT_EQ(json::parse(all.substr(end + 1))["connection"], "abc");
  EXPECT_EQ(log->dropped(), 0u);
}

TEST(the_json_logger, drops_and_counts_what_nobody_takes_and_goes_on_with_whole_lines) {
  const pipe_ends ends;
  const std::shared_ptr<logger> log = json_logger(log_level::information, ends.writing);
  const std::string large(10'000, 'x');  // more than a pipe takes in one piece or not at all

  while (log->dropped() == 0) log->write(log_level::error, "hub", large);
  log->write(log_level::error, "hub", large);
  const std::uint64_t lost = log->dropped();
  (void)ends.all();
  log->write(log_level::error, "hub", "afterwards");

  EXPECT_GE(lost, 1u);
  EXPECT_EQ(log->dropped(), lost);
  const std::string rest = ends.all();
  EXPECT_EQ(json::parse(rest.substr(rest.front() == '\n' ? 1 : 0))["message"], "afterwards");
}

}  // namespace
