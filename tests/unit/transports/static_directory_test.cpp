// Files as answers, and the ways out of a directory that lead nowhere.
#include "http/static_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;
using hubbub::response;
using hubbub::static_directory;

class static_files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hubbub_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    write("secret.txt", "secret");
    write("root/index.html", "<p>root</p>");
    write("root/app.js", "let x");
    write("root/data.unknown", "?");
    write("root/sub/index.html", "<p>sub</p>");
    write("root/empty/file.txt", "");
    write("root/caf\xc3\xa9 1.txt", "coffee");
    write("root/.hidden", "hidden");
    write("root/.git/config", "hidden");
    write("root-beside/x.txt", "beside");
  }
  void TearDown() override { fs::remove_all(base_); }

  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((base_ / name).parent_path());
    std::ofstream(base_ / name) << text;
  }

  [[nodiscard]] response ask(const std::string& target, const char* method = "GET", const char* tag = nullptr) const {
    hubbub::request asked;
    if (!asked.set_line(method, target, 11)) return response::text("", 400);
    if (tag != nullptr) asked.add_header("If-None-Match", tag);
    return static_directory(base_ / "root", prefix_, 1000).answer(asked);
  }
  static std::string header(const response& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "";
  }

  fs::path base_;
  std::string prefix_ = "/";
};

TEST_F(static_files, are_served_with_their_type) {
  EXPECT_EQ(ask("/app.js").body, "let x");
  EXPECT_EQ(ask("/app.js").status, 200);
  EXPECT_EQ(ask("/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(ask("/app.js?v=1").body, "let x");
  EXPECT_EQ(ask("/data.unknown").content_type, "application/octet-stream");
  EXPECT_EQ(ask("/caf%C3%A9%201.txt").body, "coffee");
  EXPECT_EQ(ask("/empty/file.txt").status, 200);
  EXPECT_EQ(ask("/empty/file.txt").body, "");
  EXPECT_EQ(header(ask("/app.js"), "X-Content-Type-Options"), "nosniff");
}

TEST_F(static_files, of_a_directory_begin_with_its_index) {
  EXPECT_EQ(ask("/").body, "<p>root</p>");
  EXPECT_EQ(ask("/sub/").body, "<p>sub</p>");
  EXPECT_EQ(ask("/sub/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(ask("/empty/").status, 404) << "no listing";
  EXPECT_EQ(ask("/app.js/").status, 404);

  const response moved = ask("/sub?x=1");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(header(moved, "Location"), "/sub/?x=1");
}

TEST_F(static_files, live_below_a_prefix) {
  prefix_ = "/files/";

  EXPECT_EQ(ask("/files/app.js").body, "let x");
  EXPECT_EQ(ask("/files/").body, "<p>root</p>");
  EXPECT_EQ(header(ask("/files"), "Location"), "/files/");
  EXPECT_EQ(ask("/app.js").status, 404);
  EXPECT_EQ(ask("/filesapp.js").status, 404);
}

TEST_F(static_files, stay_inside) {
  for (const char* target : {"/../secret.txt",
                             "/sub/../../secret.txt",
                             "/%2e%2e/secret.txt",
                             "/..%2fsecret.txt",
                             "/sub/..%2f..%2fsecret.txt",
                             "/../root-beside/x.txt",
                             "/./app.js",
                             "/sub/../app.js",
                             "//app.js",
                             "/sub//index.html",
                             "/..\\secret.txt",
                             "/sub%5c..%5capp.js",
                             "/.hidden",
                             "/.git/config",
                             "/%2ehidden",
                             "/...",
                             "/nothing",
                             "/nothing/",
                             "//sub",
                             "/app.js%2f",
                             "/%2fetc/passwd"}) {
    EXPECT_EQ(ask(target).status, 404) << target;
  }
  EXPECT_EQ(ask("/app.js%00.html").status, 400);
  EXPECT_EQ(ask('/' + std::string(5000, 'x')).status, 404);
}

TEST_F(static_files, reached_through_links_stay_inside) {
  fs::create_symlink(base_ / "secret.txt", base_ / "root/out.txt");
  fs::create_symlink("..", base_ / "root/up");
  fs::create_symlink(base_ / "root-beside", base_ / "root/beside");
  fs::create_symlink(".hidden", base_ / "root/seen");
  fs::create_symlink("loop", base_ / "root/loop");
  fs::create_symlink("app.js", base_ / "root/same.js");

  EXPECT_EQ(ask("/out.txt").status, 404);
  EXPECT_EQ(ask("/up/secret.txt").status, 404);
  EXPECT_EQ(ask("/up/root/app.js").body, "let x") << "it leads back in";
  EXPECT_EQ(ask("/beside/x.txt").status, 404);
  EXPECT_EQ(ask("/seen").status, 404);
  EXPECT_EQ(ask("/loop").status, 404);
  EXPECT_EQ(ask("/same.js").body, "let x");
}

TEST_F(static_files, are_files) {
  ASSERT_EQ(::mkfifo((base_ / "root/pipe").c_str(), 0600), 0);

  EXPECT_EQ(ask("/pipe").status, 404);
}

TEST_F(static_files, are_not_sent_twice) {
  const std::string tag = header(ask("/app.js"), "ETag");
  ASSERT_GE(tag.size(), 3u);
  EXPECT_EQ(tag.front(), '"');

  for (const std::string& known : {tag, "W/" + tag, "\"x\" , " + tag, std::string("*")}) {
    const response answer = ask("/app.js", "GET", known.c_str());
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(header(answer, "ETag"), tag);
  }
  EXPECT_EQ(ask("/app.js", "GET", "\"x\"").status, 200);
  EXPECT_EQ(ask("/app.js", "GET", "").status, 200);

  write("root/app.js", "let y");
  fs::last_write_time(base_ / "root/app.js", fs::file_time_type::clock::now() + std::chrono::seconds(2));
  EXPECT_EQ(ask("/app.js", "GET", tag.c_str()).body, "let y");
}

TEST_F(static_files, are_read_only) {
  EXPECT_EQ(ask("/app.js", "HEAD").status, 200);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(ask("/app.js", method).status, 405) << method;
    EXPECT_EQ(header(ask("/app.js", method), "Allow"), "GET, HEAD");
    EXPECT_EQ(ask("/chatt/negotiate", method).status, 404) << method;
  }
}

TEST_F(static_files, have_a_size_limit) {
  write("root/large.txt", std::string(1001, 'x'));
  write("root/fits.txt", std::string(1000, 'x'));

  EXPECT_EQ(ask("/large.txt").status, 413);
  EXPECT_EQ(ask("/fits.txt").body.size(), 1000u);
}

TEST_F(static_files, need_a_directory) {
  EXPECT_THROW(static_directory(base_ / "nothing", "/"), std::invalid_argument);
  EXPECT_THROW(static_directory(base_ / "secret.txt", "/"), std::invalid_argument);
  EXPECT_THROW(static_directory(base_, "files"), std::invalid_argument);
}

}  // namespace
