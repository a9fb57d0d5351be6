// A test from outside, without a test framework: the kit comes with the package, and says by exceptions what it misses.
#include <hubbub/testing.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "echo_hub.hpp"

namespace {

bool speaks(hubbub::protocol_kind protocol) {
  hubbub::testing::host host({.protocol = protocol});
  host.map<echo_hub>("/echo");
  return host.connect().invoke<std::string>("Echo", "hello") == "hello";
}

bool complains() {
  hubbub::testing::host host;
  host.map<echo_hub>();
  try {
    host.connect().expect("Nothing");
  } catch (const hubbub::testing::test_failure& failure) {
    return std::string(failure.what()).find("hub_test.cpp") != std::string::npos;
  }
  return false;
}

}  // namespace

int main() {
  try {
    const int passed =
        int{speaks(hubbub::protocol_kind::json)} + int{speaks(hubbub::protocol_kind::messagepack)} + int{complains()};
    std::cout << passed << " of 3 passed" << std::endl;
    return passed == 3 ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
  }
}
