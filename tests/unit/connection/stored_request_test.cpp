// The request of a connection, whole and packed. Queries and headers themselves: see the transports' request tests.
#include "hubbub/connection/stored_request.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using hubbub::request;
using hubbub::stored_request;

std::unique_ptr<request> example() {
  auto made = std::make_unique<request>();
  made->set_line("GET", "/ch%61t?room=a%20b&user=u1", 11);
  made->add_header("Host", "example");
  made->add_header("Cookie", std::string(2000, 'c'));
  made->add_header("X-Tenant", "blue");
  made->add_header("x-tenant", "green");
  made->add_header("X-Empty", "");
  made->set_peer("127.0.0.1", 4711, true);
  return made;
}

TEST(stored_request, is_whole_until_it_is_packed) {
  stored_request stored(example());

  ASSERT_NE(stored.whole(), nullptr);
  EXPECT_EQ(stored.whole()->header("cookie")->size(), 2000u);
  EXPECT_EQ(stored.copy().header("host"), "example");
}

TEST(stored_request, packing_keeps_line_peer_and_the_headers_named) {
  stored_request stored(example());

  stored.pack({"X-TENANT", "x-empty", "absent"});
  stored.pack({});

  EXPECT_EQ(stored.whole(), nullptr);
  const request kept = stored.copy();
  EXPECT_EQ(kept.method(), "GET");
  EXPECT_EQ(kept.path(), "/chat");
  EXPECT_EQ(kept.query("room"), "a b");
  EXPECT_EQ(kept.query("USER"), "u1");
  EXPECT_EQ(kept.remote_address(), "127.0.0.1");
  EXPECT_EQ(kept.remote_port(), 4711);
  EXPECT_TRUE(kept.secure());
  EXPECT_EQ(kept.version(), 11);
  EXPECT_EQ(kept.headers("x-tenant"), "blue, green");
  EXPECT_EQ(kept.header("x-empty"), "");
  EXPECT_FALSE(kept.header("cookie").has_value());
  EXPECT_FALSE(kept.header("host").has_value());
}

TEST(stored_request, moves_and_may_be_empty) {
  stored_request none;
  EXPECT_EQ(none.whole(), nullptr);
  EXPECT_EQ(none.copy().path(), "");
  none.pack({"a"});
  stored_request filled(example());
  none = std::move(filled);
  none.pack({});
  stored_request moved = std::move(none);

  EXPECT_EQ(moved.copy().path(), "/chat");
}

TEST(stored_request, keep_only_of_a_request_does_the_same) {
  const auto made = example();

  made->keep_only({"x-tenant"});

  EXPECT_EQ(made->path(), "/chat");
  EXPECT_EQ(made->query("room"), "a b");
  EXPECT_EQ(made->headers("X-Tenant"), "blue, green");
  EXPECT_FALSE(made->header("Cookie").has_value());
  EXPECT_EQ(made->remote_port(), 4711);
}

}  // namespace
