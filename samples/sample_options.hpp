// The command line of the samples.
#pragma once

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>

/// `--port N`, `--web FOLDER` (the page) and `--lib FOLDER` (Microsoft's client for browsers).
struct sample_options {
  std::uint16_t port = 5000;
  std::string web{};
  std::string library{};
};

/// `options` are those that the command line does not name.
/// Throws std::invalid_argument with the argument that is to blame.
inline sample_options read_options(int argc, char** argv, sample_options options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::invalid_argument(name + " needs a value; there are --port, --web and --lib");
    const std::string value = argv[i + 1];
    if (name == "--port") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.port);
      if (error != std::errc() || end != value.data() + value.size()) throw std::invalid_argument("--port " + value);
    } else if (name == "--web") {
      options.web = value;
    } else if (name == "--lib") {
      options.library = value;
    } else {
      throw std::invalid_argument("unknown option " + name + "; there are --port, --web and --lib");
    }
  }
  return options;
}
