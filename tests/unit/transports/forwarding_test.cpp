// Whom proxies name, and when they are believed.
#include "http/forwarding.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/address_counts.hpp"

namespace {

using namespace hubbub;
using headers = std::vector<std::pair<std::string, std::string>>;

request asked_with(const headers& all) {
  request asked;
  asked.set_line("GET", "/", 11);
  for (const auto& [name, value] : all) asked.add_header(name, value);
  return asked;
}

request_origin from(const char* peer, const headers& all, const std::vector<std::string>& trusted,
                    forwarded_by how = forwarded_by::x_forwarded) {
  return trusted_proxies(trusted, how).resolve(*parse_address(peer), false, asked_with(all));
}

std::string client(const char* peer, const headers& all, const std::vector<std::string>& trusted,
                   forwarded_by how = forwarded_by::x_forwarded) {
  return from(peer, all, trusted, how).client.text();
}

TEST(addresses, are_read_with_and_without_port) {
  EXPECT_EQ(parse_address("192.0.2.1")->text(), "192.0.2.1");
  EXPECT_EQ(parse_address("192.0.2.1:8080")->port, 8080);
  EXPECT_EQ(parse_address("2001:db8::1")->text(), "2001:db8::1");
  EXPECT_EQ(parse_address("[2001:db8::1]:443")->port, 443);
  EXPECT_EQ(parse_address("::ffff:192.0.2.1")->text(), "192.0.2.1");
  for (const char* broken : {"", "unknown", "host", "192.0.2", "192.0.2.1:", "192.0.2.1:99999", "192.0.2.1:x", "[::1",
                             "[::1]x", "[::1]:", "1.2.3.4.5", "::g", "%", ":", "::1%eth0"}) {
    EXPECT_EQ(parse_address(broken), std::nullopt) << broken;
  }
  EXPECT_EQ(parse_address(std::string(10'000, ':')), std::nullopt);
}

TEST(forwarding, is_not_believed_by_default) {
  const headers lies = {
      {"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}, {"Forwarded", "for=1.1.1.1"}};

  EXPECT_EQ(client("192.0.2.1", lies, {}), "192.0.2.1");
  EXPECT_EQ(client("192.0.2.1", lies, {"10.0.0.0/8"}), "192.0.2.1");
  EXPECT_FALSE(from("192.0.2.1", lies, {"10.0.0.0/8"}).secure);
}

TEST(forwarding, names_the_first_hop_that_is_not_trusted) {
  const std::vector<std::string> ours = {"10.0.0.0/8", "fd00::/8"};

  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, ours), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 203.0.113.9"}}, ours), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 203.0.113.9, 10.2.2.2"}}, ours), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "203.0.113.9"}}, ours),
            "203.0.113.9");
  EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "[2001:db8::7]:4711"}}, ours), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "10.3.3.3"}}, ours), "10.3.3.3");  // a client inside
  EXPECT_EQ(client("10.0.0.1", {}, ours), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "203.0.113.9, unknown"}}, ours), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", ",,,"}}, ours), "10.0.0.1");
}

TEST(forwarding, takes_scheme_and_host_from_the_same_hop) {
  const std::vector<std::string> ours = {"10.0.0.0/8"};
  const request_origin two = from("10.0.0.1",
                                  {{"X-Forwarded-For", "203.0.113.9, 10.2.2.2"},
                                   {"X-Forwarded-Proto", "https, http"},
                                   {"X-Forwarded-Host", "app.example, inner"}},
                                  ours);
  EXPECT_TRUE(two.secure);
  EXPECT_EQ(two.host, "app.example");

  const request_origin invented = from("10.0.0.1",
                                       {{"X-Forwarded-For", "6.6.6.6, 203.0.113.9"},
                                        {"X-Forwarded-Proto", "https, http"},
                                        {"X-Forwarded-Host", "evil.example, app.example:8443"}},
                                       ours);
  EXPECT_FALSE(invented.secure);
  EXPECT_EQ(invented.host, "app.example:8443");
  EXPECT_EQ(from("10.0.0.1", {{"X-Forwarded-Host", "a/b"}}, ours).host, "");
}

TEST(forwarding, reads_the_standard_header_when_told_so) {
  const std::vector<std::string> ours = {"10.0.0.0/8"};
  const auto by = forwarded_by::forwarded;
  const request_origin got =
      from("10.0.0.1",
           {{"Forwarded", "for=6.6.6.6, For=\"[2001:db8:cafe::17]:4711\";proto=https;host=\"app.example\""}}, ours, by);
  EXPECT_EQ(got.client.text(), "2001:db8:cafe::17");
  EXPECT_TRUE(got.secure);
  EXPECT_EQ(got.host, "app.example");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}}, ours, by), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=203.0.113.9, for=_hidden"}}, ours, by), "10.0.0.1");
}

TEST(forwarding, refuses_broken_standard_headers_whole) {
  for (const char* broken : {"for", "for=", "for=\"1.1.1.1", "=1.1.1.1", "for=1.1.1.1 x", "for=\"a\\", "for=a\"b", "\"",
                             "for=1.1.1.1;;=x"}) {
    EXPECT_EQ(parse_forwarded(broken), std::nullopt) << broken;
  }
  EXPECT_EQ(parse_forwarded(std::string(1000, ',')), std::nullopt);
  EXPECT_EQ(parse_forwarded(" for=a ; proto=b , host=\"c\\\"d\" ")->at(1).host, "c\"d");
}

// Otherwise a client would pass for the proxy, whose address is trusted and shared by all.
TEST(forwarding, believes_the_proxy_whatever_stands_in_front_of_its_word) {
  const std::vector<std::string> ours = {"10.0.0.0/8"};
  const auto by = forwarded_by::forwarded;
  const std::string said = "for=203.0.113.9;proto=https;host=\"app.example\"";
  for (const std::string& invented :
       {std::string("for=\"1.1.1.1"), std::string("\""), std::string("for=a;x=\"\\"), std::string("="),
        std::string("for=6.6.6.6;x=\""), std::string(100, ','), std::string(20'000, ',') + "\""}) {
    const request_origin got = from("10.0.0.1", {{"Forwarded", invented + ", " + said}}, ours, by);
    EXPECT_EQ(got.client.text(), "203.0.113.9") << invented.substr(0, 40);
    EXPECT_TRUE(got.secure);
    EXPECT_EQ(got.host, "app.example");
    EXPECT_EQ(client("10.0.0.1", {{"Forwarded", invented}, {"Forwarded", said}}, ours, by), "203.0.113.9");
    EXPECT_EQ(client("10.0.0.1", {{"Forwarded", invented + ", " + said + ", for=10.1.1.1"}}, ours, by), "203.0.113.9");
  }
  EXPECT_EQ(nearest_forwarded("for=a, for=b;by=\"x, y\", for=c").size(), 3u);
  EXPECT_EQ(nearest_forwarded("for=a, for=b;by=\"x, y\", for=c").at(1).from, "b");
  EXPECT_TRUE(nearest_forwarded("").empty());
}

TEST(trusted_networks, are_compared_by_their_bits) {
  const trusted_proxies some({"10.1.0.0/16", "192.0.2.128/25", "2001:db8::/33", "198.51.100.7", "unix"},
                             forwarded_by::x_forwarded);
  const auto trusts = [&](const char* text) { return some.trusts(*parse_address(text)); };

  EXPECT_TRUE(trusts("10.1.255.255"));
  EXPECT_FALSE(trusts("10.2.0.0"));
  EXPECT_TRUE(trusts("192.0.2.200"));
  EXPECT_FALSE(trusts("192.0.2.127"));
  EXPECT_TRUE(trusts("2001:db8:7fff::1"));
  EXPECT_FALSE(trusts("2001:db8:8000::1"));
  EXPECT_TRUE(trusts("::ffff:198.51.100.7"));
  EXPECT_TRUE(some.trusts(peer_address{}));
  EXPECT_TRUE(trusted_proxies({"0.0.0.0/0"}, forwarded_by::x_forwarded).trusts(*parse_address("8.8.8.8")));
}

TEST(trusted_networks, that_are_none_throw_with_the_options_name) {
  for (const char* wrong :
       {"", "proxy.local", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "10.0.0.1:80", "/8"}) {
    try {
      const trusted_proxies made({wrong}, forwarded_by::x_forwarded);
      ADD_FAILURE() << wrong;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("trusted_proxies: '" + std::string(wrong) + "'"), std::string::npos);
    }
  }
}

TEST(counts_by_address, know_only_addresses_that_have_something) {
  address_counts counts;
  const peer_address one = *parse_address("192.0.2.1");

  const auto first = counts.enter(one, 2);
  const auto second = counts.enter(one, 2);
  EXPECT_EQ(counts.enter(one, 2), std::nullopt);
  EXPECT_TRUE(counts.enter(*parse_address("192.0.2.2"), 2));
  EXPECT_EQ(counts.size(), 2u);
  counts.leave(*first);
  EXPECT_EQ(counts.enter(one, 2), first);
  counts.leave(*first);
  counts.leave(*second);
  counts.leave(address_counts::nowhere);

  EXPECT_EQ(counts.size(), 1u);
}

TEST(counts_by_address, take_an_ipv6_network_as_one) {
  address_counts counts;

  EXPECT_TRUE(counts.enter(*parse_address("2001:db8:0:1::1"), 1));
  EXPECT_FALSE(counts.enter(*parse_address("2001:db8:0:1:ffff::2"), 1));
  EXPECT_TRUE(counts.enter(*parse_address("2001:db8:0:2::1"), 1));
}

}  // namespace
