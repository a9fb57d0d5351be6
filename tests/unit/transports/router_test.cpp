// Routes.
#include "http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using hubbub::route_kind;
using hubbub::router;

std::string found(const router<std::string>& routes, std::string_view path) {
  const std::string* value = routes.find(path);
  return value == nullptr ? "nothing" : *value;
}

TEST(router, finds_exact_paths_in_any_letter_case_and_with_one_slash) {
  router<std::string> routes;
  routes.add(route_kind::exact, "/Chat", "chat");
  routes.add(route_kind::exact, "/chat/negotiate", "negotiate");
  routes.add(route_kind::exact, "/health/", "health");

  EXPECT_EQ(found(routes, "/chat"), "chat");
  EXPECT_EQ(found(routes, "/CHAT/"), "chat");
  EXPECT_EQ(found(routes, "/chat/Negotiate"), "negotiate");
  EXPECT_EQ(found(routes, "/health"), "health");
  for (const char* path : {"/chat//", "/chats", "/cha", "/", "", "chat", "//chat", "/chat/x"}) {
    EXPECT_EQ(found(routes, path), "nothing") << path;
  }
}

TEST(router, finds_the_longest_directory_after_the_exact_paths) {
  router<std::string> routes;
  routes.add(route_kind::directory, "/", "root");
  routes.add(route_kind::directory, "/Files/", "files");
  routes.add(route_kind::directory, "/Files/deep", "deep");
  routes.add(route_kind::exact, "/files/chat", "chat");

  EXPECT_EQ(found(routes, "/"), "root");
  EXPECT_EQ(found(routes, "/index.html"), "root");
  EXPECT_EQ(found(routes, "/Files"), "files");
  EXPECT_EQ(found(routes, "/Files/x"), "files");
  EXPECT_EQ(found(routes, "/Files/deep/x"), "deep");
  EXPECT_EQ(found(routes, "/Files/deeper"), "files");
  EXPECT_EQ(found(routes, "/Filesystem"), "root");
  EXPECT_EQ(found(routes, "/files/x"), "root") << "files have a letter case";
  EXPECT_EQ(found(routes, "/Files/Chat"), "chat");
}

TEST(router, finds_the_root_as_an_exact_path) {
  router<std::string> routes;
  routes.add(route_kind::exact, "/", "root");

  EXPECT_EQ(found(routes, "/"), "root");
  EXPECT_EQ(found(routes, "/x"), "nothing");
}

TEST(router, refuses_a_path_twice_and_one_that_is_none) {
  router<std::string> routes;
  routes.add(route_kind::exact, "/chat", "one");

  EXPECT_THROW(routes.add(route_kind::exact, "/CHAT/", "two"), std::invalid_argument);
  EXPECT_THROW(routes.add(route_kind::exact, "chat", "two"), std::invalid_argument);
  EXPECT_THROW(routes.add(route_kind::exact, "", "two"), std::invalid_argument);
  EXPECT_EQ(routes.size(), 1u);
}

}  // namespace
