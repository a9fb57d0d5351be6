// The HTTP request machine: what it takes, what it refuses, and that the cutting of the stream makes no difference.
#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "request_story.hpp"

namespace {

using hubbub::http_limits;
using hubbub::request_reader;
using strings = std::vector<std::string>;

const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::string get(const std::string& lines) { return "GET /a HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
std::string post(const std::string& lines, const std::string& body = "") {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }
std::string text(const char* bytes, std::size_t size) { return {bytes, size}; }

// Told whole, cut at every place, and byte by byte: always the same story, which is returned.
story::told told_alike(const std::string& stream, const http_limits& limits = {}) {
  const story::told whole = story::of(stream, {}, limits);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    const story::told split = story::of(stream, {cut}, limits);
    EXPECT_TRUE(split == whole) << "cut at " << cut << " of: " << stream << "\nwhole: " << whole.requests.size()
                                << " requests, " << whole.refused << ' ' << whole.reason
                                << "\nsplit: " << split.requests.size() << " requests, " << split.refused << ' '
                                << split.reason;
    if (!(split == whole)) break;
  }
  EXPECT_TRUE(story::of(stream, story::byte_by_byte(stream), limits) == whole) << "byte by byte: " << stream;
  return whole;
}

struct taken_case {
  const char* name;
  std::string stream;
  strings requests;
};

const taken_case taken_cases[] = {
    {"plain", get(""), {"GET /a HTTP/11 []"}},
    {"the old version closes", "GET / HTTP/1.0\r\n\r\n", {"GET / HTTP/10 [] close"}},
    {"the old version may stay", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", {"GET / HTTP/10 []"}},
    {"the new version may close", get("Connection: foo, CLOSE\r\n"), {"GET /a HTTP/11 [] close"}},
    {"close wins", get("Connection: close\r\nConnection: keep-alive\r\n"), {"GET /a HTTP/11 [] close"}},
    {"sized body", post("Content-Length: 5\r\n", "hello"), {"POST /a HTTP/11 [hello]"}},
    {"empty sized body", post("content-length: 0\r\n"), {"POST /a HTTP/11 []"}},
    {"zeros before the length", post("Content-Length: 0005\r\n", "hello"), {"POST /a HTTP/11 [hello]"}},
    {"a body of a GET", get("Content-Length: 2\r\n") + "hi", {"GET /a HTTP/11 [hi]"}},
    {"chunks", chunked("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), {"POST /a HTTP/11 [hello!]"}},
    {"chunk sizes in hex",
     chunked("0A\r\n0123456789\r\nb\r\nabcdefghijk\r\n0\r\n\r\n"),
     {"POST /a HTTP/11 [0123456789abcdefghijk]"}},
    {"chunk extensions", chunked("2;name=\"a b\"\r\nhi\r\n0;end\r\n\r\n"), {"POST /a HTTP/11 [hi]"}},
    {"line ends inside a chunk", chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"), {"POST /a HTTP/11 [\r\n\r\n]"}},
    {"trailers are dropped", chunked("0\r\nX: y\r\nZ:\r\n\r\n"), {"POST /a HTTP/11 []"}},
    {"chunked in any letter case", post("transfer-ENCODING: Chunked\r\n", "0\r\n\r\n"), {"POST /a HTTP/11 []"}},
    {"pipelined",
     get("") + post("Content-Length: 2\r\n", "hi") + chunked("0\r\n\r\n") + get(""),
     {"GET /a HTTP/11 []", "POST /a HTTP/11 [hi]", "POST /a HTTP/11 []", "GET /a HTTP/11 []"}},
    {"one empty line before", "\r\n" + get(""), {"GET /a HTTP/11 []"}},
    {"one empty line between",
     post("Content-Length: 2\r\n", "hi") + "\r\n" + get(""),
     {"POST /a HTTP/11 [hi]", "GET /a HTTP/11 []"}},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {"OPTIONS * HTTP/11 []"}},
    {"absolute target", "GET http://a:80/x?y HTTP/1.1\r\nHost: A:80\r\n\r\n", {"GET http://a:80/x?y HTTP/11 []"}},
    {"absolute target without path", "GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n", {"GET HTTPS://a HTTP/11 []"}},
    {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", {"GET / HTTP/11 []"}},
    {"address as host", "GET / HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n", {"GET / HTTP/11 []"}},
    {"upgrade", get("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"), {"GET /a HTTP/11 [] upgrade"}},
    {"no upgrade without the other header", get("Upgrade: websocket\r\n"), {"GET /a HTTP/11 []"}},
    {"no upgrade of the old version",
     "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
     {"GET / HTTP/10 [] close"}},
    {"tabs and bytes above ASCII in values", get("X:\ta\tb \xc3\xa9 \r\n"), {"GET /a HTTP/11 []"}},
    {"expectation with its body",
     post("Expect: 100-Continue\r\nContent-Length: 2\r\n", "hi"),
     {"POST /a HTTP/11 [hi]"}},
    {"expectation of the old version", "GET / HTTP/1.0\r\nExpect: anything\r\n\r\n", {"GET / HTTP/10 [] close"}},
};

TEST(request_reader, takes) {
  for (const taken_case& one : taken_cases) {
    SCOPED_TRACE(one.name);

    const story::told told = told_alike(one.stream);

    EXPECT_EQ(told.refused, 0) << told.reason;
    EXPECT_EQ(told.requests, one.requests);
    EXPECT_FALSE(told.waits);
  }
}

struct refused_case {
  const char* name;
  int status;
  std::string stream;
};

const refused_case refused_cases[] = {
    // Two lengths.
    {"length and chunks", 400, post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"chunks and length", 400, post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n")},
    {"two lengths", 400, post("Content-Length: 0\r\nContent-Length: 35\r\n")},
    {"the same length twice", 400, post("Content-Length: 0\r\nContent-Length: 0\r\n")},
    {"lengths in a list", 400, post("Content-Length: 0, 35\r\n")},
    {"signed length", 400, post("Content-Length: +0\r\n")},
    {"negative length", 400, post("Content-Length: -1\r\n")},
    {"hexadecimal length", 400, post("Content-Length: 0x0\r\n")},
    {"spaced length", 400, post("Content-Length: 1 0\r\n")},
    {"empty length", 400, post("Content-Length: \r\n")},
    {"length beyond 64 bits", 400, post("Content-Length: 18446744073709551616\r\n")},
    {"length beyond the body limit", 413, post("Content-Length: 1048577\r\n")},
    // Codings.
    {"other coding", 501, post("Transfer-Encoding: gzip\r\n", "0\r\n\r\n")},
    {"coding that ends like chunked", 501, post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
    {"coding after chunked", 501, post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
    {"coding before chunked", 501, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
    {"chunked twice in a list", 501, post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
    {"chunked twice", 400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"chunked in quotes", 501, post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
    {"chunked with a parameter", 501, post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n")},
    {"empty coding", 400, post("Transfer-Encoding:\r\n", "0\r\n\r\n")},
    {"coding behind a vertical tab", 400,
     post("Transfer-Encoding: \x0b"
          "chunked\r\n",
          "0\r\n\r\n")},
    {"coding in the old version", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    // Lines and characters.
    {"space before the colon", 400, post("Content-Length : 0\r\n")},
    {"tab before the colon", 400, post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n")},
    {"header without a colon", 400, post("Content-Length 0\r\n")},
    {"header without a name", 400, post(": 0\r\n")},
    {"folded header", 400, post("X: a\r\n Content-Length: 35\r\n")},
    {"folded with a tab", 400, post("X: a\r\n\tContent-Length: 35\r\n")},
    {"folded first header", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"name above ASCII", 400, post("X\xc3\xa9: a\r\n")},
    {"name with a slash", 400, post("X/Y: a\r\n")},
    {"NUL in a value", 400, post(text("X: a\0b\r\n", 8))},
    {"NUL in a name", 400, post(text("X\0: a\r\n", 7))},
    {"DEL in a value", 400, post("X: some longer text with a \x7f in it\r\n")},
    {"escape in a value", 400, post("X: \x1b[2J\r\n")},
    {"bare CR in a value", 400, post("X: a\rContent-Length: 4\r\n")},
    {"bare CR before the end of a line", 400, post("X: a\r\r\n")},
    {"bare CR for a line end", 400, "GET / HTTP/1.1\rHost: a\r\n\r\n"},
    {"bare LF after a header", 400, post("X: a\nContent-Length: 0\r\n")},
    {"bare LF everywhere", 400, "GET / HTTP/1.1\nHost: a\n\n"},
    {"bare LF as the end of the head", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"},
    {"bare LF before the request", 400, "\n" + get("")},
    {"two empty lines before", 400, "\r\n\r\n" + get("")},
    // Request line.
    {"no version", 400, "GET /\r\n\r\n"},
    {"no target", 400, "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"no method", 400, " / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"two spaces", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"tab for a space", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space after the version", 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"method that is no token", 400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"control character in the target", 400, "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"byte above ASCII in the target", 400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"fragment in the target", 400, "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"broken escape in the path", 400, "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"NUL escaped in the path", 400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"relative target", 400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"asterisk of a GET", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"authority", 400, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"},
    {"user in an absolute target", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"other scheme", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"version in small letters", 400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {"version of three parts", 400, "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n"},
    {"version with a plus", 400, "GET / HTTP/+.1\r\nHost: a\r\n\r\n"},
    {"version 0.9", 505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"},
    {"version 1.2", 505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
    {"version 2.0", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    // Host.
    {"no host", 400, "GET / HTTP/1.1\r\n\r\n"},
    {"two hosts", 400, get("Host: a\r\n")},
    {"two hosts in a list", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {"user in the host", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
    {"path in the host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"target and host disagree", 400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    // Chunks.
    {"bare LF after the size", 400, chunked("1\na\r\n0\r\n\r\n")},
    {"bare LF after the data", 400, chunked("1\r\na\n0\r\n\r\n")},
    {"no line end after the data", 400, chunked("1\r\na0\r\n\r\n")},
    {"data longer than it said", 400, chunked("1\r\nab\r\n0\r\n\r\n")},
    {"bare CR after the size", 400, chunked("1\ra\r\n0\r\n\r\n")},
    {"bare CR in an extension", 400, chunked("1;a\rb\r\na\r\n0\r\n\r\n")},
    {"bare LF in an extension", 400, chunked("1;a\nb\r\na\r\n0\r\n\r\n")},
    {"endless extension", 400, chunked("1;" + std::string(300, 'x') + "\r\na\r\n0\r\n\r\n")},
    {"signed size", 400, chunked("+1\r\na\r\n0\r\n\r\n")},
    {"negative size", 400, chunked("-1\r\na\r\n0\r\n\r\n")},
    {"size with a prefix", 400, chunked("0x1\r\na\r\n0\r\n\r\n")},
    {"space before the size", 400, chunked(" 1\r\na\r\n0\r\n\r\n")},
    {"space after the size", 400, chunked("1 \r\na\r\n0\r\n\r\n")},
    {"no size", 400, chunked("\r\na\r\n0\r\n\r\n")},
    {"size of 17 digits", 400, chunked("00000000000000001\r\na\r\n0\r\n\r\n")},
    {"size that overflows with the one before", 413, chunked("1\r\na\r\nffffffffffffffff\r\na\r\n0\r\n\r\n")},
    {"size beyond the body limit", 413, chunked("100001\r\n")},
    {"bare LF after the last chunk", 400, chunked("0\n\n")},
    {"bare LF in the trailers", 400, chunked("0\r\nX: a\n\r\n\r\n")},
    {"folded trailer", 400, chunked("0\r\nX: a\r\n b\r\n\r\n")},
    {"trailer without a name", 400, chunked("0\r\n: a\r\n\r\n")},
    {"trailer with a length", 400, chunked("0\r\nContent-Length: 5\r\n\r\n")},
    {"request in the trailers", 400, chunked("0\r\n" + smuggled + "\r\n")},
    {"endless trailers", 431, chunked("0\r\nX: " + std::string(5000, 'x') + "\r\n\r\n")},
    // What we do not do.
    {"unknown expectation", 417, get("Expect: miracles\r\n")},
};

TEST(request_reader, refuses_and_takes_nothing_behind_it) {
  for (const refused_case& one : refused_cases) {
    SCOPED_TRACE(one.name);

    const story::told told = told_alike(one.stream + smuggled);

    EXPECT_EQ(told.refused, one.status) << told.reason;
    EXPECT_EQ(told.requests, strings{});
    EXPECT_EQ(told.reason.empty(), told.refused == 0);
  }
}

TEST(request_reader, gives_headers_and_body_to_the_request) {
  request_reader reader;
  const std::string stream =
      "POST /caf%C3%A9?x=1&Y=a+b%21 HTTP/1.1\r\nHost: a\r\nX-One:  first \r\nx-one: second\r\n"
      "Content-Length: 3\r\n\r\nabcGET";
  std::size_t used = 0;

  ASSERT_EQ(reader.feed(stream.data(), stream.size(), used), request_reader::outcome::complete);

  EXPECT_EQ(stream.substr(used), "GET");
  const hubbub::request& request = reader.request();
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.path(), "/caf\xc3\xa9");
  EXPECT_EQ(request.query("y"), "a b!");
  EXPECT_EQ(request.header("X-ONE"), "first");
  EXPECT_EQ(request.headers("x-one"), "first, second");
  EXPECT_EQ(request.header("x-two"), std::nullopt);
  EXPECT_EQ(request.body(), "abc");
}

TEST(request_reader, asks_for_permission_only_while_the_client_waits) {
  const std::string head = post("Expect: 100-continue\r\nContent-Length: 2\r\n");
  const std::string chunks = post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n");

  EXPECT_EQ(story::of(head).waited, 1u);
  EXPECT_EQ(story::of(chunks).waited, 1u);
  EXPECT_EQ(story::of(head + "hi", {head.size()}).waited, 1u);
  EXPECT_EQ(story::of(head + "hi", {head.size() + 1}).waited, 0u) << "some of the body was there already";
  EXPECT_EQ(story::of(chunks + "2\r\nhi\r\n0\r\n\r\n", {chunks.size() + 1}).waited, 0u);
  EXPECT_EQ(story::of(post("Expect: 100-continue\r\nContent-Length: 0\r\n")).waited, 0u) << "there is no body";
  EXPECT_EQ(story::of(post("Expect: 100-continue\r\nContent-Length: 9999999\r\n")).waited, 0u) << "it is too large";
}

TEST(request_reader, limits_the_head) {
  const http_limits limits{.max_head = 200, .max_headers = 3};
  const auto head_of = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };

  EXPECT_EQ(told_alike(head_of(200), limits).refused, 0);
  EXPECT_EQ(told_alike(head_of(201), limits).refused, 431);
  EXPECT_EQ(told_alike("GET /" + std::string(300, 'x'), limits).refused, 414) << "without a line end";
  EXPECT_EQ(told_alike(get("X: " + std::string(300, 'x')), limits).refused, 431);
  EXPECT_EQ(told_alike(get("A: a\r\nB: b\r\n"), limits).refused, 0);
  EXPECT_EQ(told_alike(get("A: a\r\nB: b\r\nC: c\r\n"), limits).refused, 431);
  EXPECT_EQ(told_alike(head_of(150) + head_of(150), limits).requests.size(), 2u) << "each request has its own";
}

TEST(request_reader, limits_the_body) {
  const http_limits limits{.max_body = 4};

  EXPECT_EQ(told_alike(post("Content-Length: 4\r\n", "abcd"), limits).refused, 0);
  EXPECT_EQ(told_alike(post("Content-Length: 5\r\n", "abcde"), limits).refused, 413);
  EXPECT_EQ(told_alike(chunked("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), limits).refused, 0);
  EXPECT_EQ(told_alike(chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), limits).refused, 413);
}

TEST(request_reader, knows_whether_a_request_has_begun) {
  request_reader reader;
  std::size_t used = 0;
  EXPECT_FALSE(reader.started());

  reader.feed("\r\n", 2, used);
  EXPECT_FALSE(reader.started()) << "an empty line is no request yet";
  reader.feed("G", 1, used);
  EXPECT_TRUE(reader.started());
  EXPECT_FALSE(reader.has_head());

  reader.reset();
  EXPECT_FALSE(reader.started());
}

TEST(request_reader, takes_nothing_after_the_end_until_reset) {
  request_reader reader;
  const std::string stream = get("") + get("");
  std::size_t used = 0;
  ASSERT_EQ(reader.feed(stream.data(), stream.size(), used), request_reader::outcome::complete);
  const std::size_t first = used;
  EXPECT_EQ(first, stream.size() / 2);

  EXPECT_EQ(reader.feed(stream.data() + first, first, used), request_reader::outcome::complete);
  EXPECT_EQ(used, 0u);

  reader.reset();
  EXPECT_EQ(reader.feed(stream.data() + first, first, used), request_reader::outcome::complete);
  EXPECT_EQ(used, first);
}

TEST(request_reader, gives_back_the_room_of_a_large_request) {
  request_reader reader({.max_body = 200'000});
  const std::string stream = post("Content-Length: 150000\r\n", std::string(150'000, 'x'));
  std::size_t used = 0;
  ASSERT_EQ(reader.feed(stream.data(), stream.size(), used), request_reader::outcome::complete);
  ASSERT_EQ(reader.request().body().size(), 150'000u);

  reader.reset();

  EXPECT_TRUE(reader.request().body().empty());
  EXPECT_EQ(told_alike(get("")).requests, strings{"GET /a HTTP/11 []"});
}

}  // namespace
