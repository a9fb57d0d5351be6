// Responses as bytes.
#include "http/response_writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using hubbub::response;
using hubbub::response_style;

std::string written(const response& answer, const response_style& style = {}) {
  hubbub::wire_buffer out;
  hubbub::write_response(out, answer, style);
  return std::string(out.view());
}

TEST(response_writer, writes_an_answer) {
  EXPECT_EQ(
      written(response::text("hello"), {.date = "today"}),
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\nDate: today\r\n\r\nhello");
}

TEST(response_writer, leaves_out_an_empty_content_type) {
  response answer = response::text("", 404);
  answer.content_type.clear();

  EXPECT_EQ(written(answer), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

TEST(response_writer, says_whether_the_connection_stays) {
  const response answer = response::json("{}");
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n";

  EXPECT_EQ(written(answer, {.keep_alive = true, .version = 11}), head + "\r\n{}");
  EXPECT_EQ(written(answer, {.keep_alive = false, .version = 11}), head + "Connection: close\r\n\r\n{}");
  EXPECT_EQ(written(answer, {.keep_alive = true, .version = 10}), head + "Connection: keep-alive\r\n\r\n{}");
  EXPECT_EQ(written(answer, {.keep_alive = false, .version = 10}), head + "Connection: close\r\n\r\n{}");
}

TEST(response_writer, answers_head_with_the_length_and_no_body) {
  EXPECT_EQ(written(response::json("{}"), {.head_only = true}),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n");
}

TEST(response_writer, writes_no_body_and_no_length_where_there_is_none) {
  EXPECT_EQ(written(response::text("x", 204)), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(written(response::text("x", 304)), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(response_writer, refuses_headers_that_would_forge_the_message) {
  response answer = response::text("x");
  answer.content_type = "text/plain\r\nA: b";
  answer.headers = {{"X-Good", "yes"},
                    {"X-Bad", "a\r\nSet-Cookie: b"},
                    {"X-Bad", "a\nb"},
                    {"X-Bad", std::string("a\0b", 3)},
                    {"X Bad", "a"},
                    {"X-Bad:", "a"},
                    {"", "a"},
                    {"Content-Length", "100"},
                    {"transfer-encoding", "chunked"},
                    {"CONNECTION", "upgrade"}};
  hubbub::wire_buffer out;

  const std::size_t left_out = hubbub::write_response(out, answer, {});

  EXPECT_EQ(left_out, 10u);
  EXPECT_EQ(out.view(), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Good: yes\r\n\r\nx");
}

TEST(response_writer, appends_to_what_is_there) {
  hubbub::wire_buffer out;
  out.put("before");
  hubbub::write_response(out, response::text("", 204), {});

  EXPECT_EQ(out.view(), "beforeHTTP/1.1 204 No Content\r\n\r\n");
}

TEST(response_writer, makes_dates) {
  hubbub::http_date date;

  EXPECT_EQ(date.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(date.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date.at(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(response_writer, has_a_phrase_for_every_status_we_send) {
  for (const int status : {100, 101, 200, 202, 204, 301, 304, 400, 401, 403, 404, 405,
                           408, 409, 413, 414, 417, 426, 431, 500, 501, 503, 505}) {
    EXPECT_NE(hubbub::reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(hubbub::reason_phrase(599), "Unknown");
}

}  // namespace
