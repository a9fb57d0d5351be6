// The fixture of the hub suite: every test of it runs in all cells.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "hubbub/protocol/handshake.hpp"
#include "stage.hpp"

namespace hub_story {

/// Maps the story hub; compiled once (story_hub.cpp).
map_hub mapping_of_the_story_hub();

/// Maps `Hub`, whose constructor takes the world.
template <class Hub>
map_hub mapping() {
  return [](hubbub::hub_host& host, world& about) {
    return endpoints{hubbub::make_hub_endpoint<Hub>(host, std::ref(about))};
  };
}

/// A test that sets the stage first, with the settings it likes.
class suite : public testing::TestWithParam<cell> {
 protected:
  stage& set_up(const set_hub& set = {}) {
    stage_ = std::make_unique<stage>(GetParam(), mapping_of_the_story_hub(), set);
    return *stage_;
  }
  template <class Hub>
  stage& set_up_with(const set_hub& set = {}) {
    stage_ = std::make_unique<stage>(GetParam(), mapping<Hub>(), set);
    return *stage_;
  }
  stage& set_up_mapped(const map_hub& map) {
    stage_ = std::make_unique<stage>(GetParam(), map, set_hub());
    return *stage_;
  }
  stage& on() {
    if (stage_ == nullptr) set_up();
    return *stage_;
  }
  [[nodiscard]] static bool speaks_json() { return GetParam().form == wire_form::json; }
  /// A message as the cell's clients write it.
  [[nodiscard]] static std::string in_bytes(const json& message) { return encoded(message, GetParam().form); }
  /// Anything, framed as a message of the cell's protocol.
  [[nodiscard]] static std::string framed(const std::string& content) {
    return hubbub_test::framed(content, GetParam().form);
  }
  void TearDown() override {
    if (stage_ != nullptr) stage_->end();
  }

 private:
  std::unique_ptr<stage> stage_;
};

/// Tests in which time passes: shards are driven by hand.
class timed_suite : public suite {};

inline std::string name_of_cell(const testing::TestParamInfo<cell>& info) {
  const char* driven = info.param.threads ? "_threads" : info.param.shards == 1 ? "_shard" : "_shards";
  return std::to_string(info.param.shards) + driven + "_" + name_of(info.param.form);
}

inline json completion(std::string id, json result) {
  return {{"type", 3}, {"invocationId", std::move(id)}, {"result", std::move(result)}};
}
inline json failure(std::string id, std::string error) {
  return {{"type", 3}, {"invocationId", std::move(id)}, {"error", std::move(error)}};
}
inline json receive(std::string text) {
  return {{"type", 1}, {"target", "Receive"}, {"arguments", json::array({std::move(text)})}};
}
inline json closed() { return {{"type", 7}}; }
inline json closed_with_error(std::string detail = {}) {
  return {{"type", 7}, {"error", "Connection closed with an error." + detail}, {"allowReconnect", true}};
}

}  // namespace hub_story

/// Instantiates a suite in all cells.
#define HUB_STORY_CELLS(Suite)                                                                        \
  INSTANTIATE_TEST_SUITE_P(                                                                           \
      on, Suite,                                                                                      \
      testing::Values(hub_story::cell{1, false}, hub_story::cell{3, false}, hub_story::cell{3, true}, \
                      hub_story::cell{3, false, hub_story::wire_form::messagepack},                   \
                      hub_story::cell{3, true, hub_story::wire_form::messagepack}),                   \
      hub_story::name_of_cell)
/// Instantiates a suite in the cells where time can be told to pass.
#define HUB_STORY_CELLS_BY_HAND(Suite)                                                                    \
  INSTANTIATE_TEST_SUITE_P(on, Suite,                                                                     \
                           testing::Values(hub_story::cell{1, false}, hub_story::cell{3, false},          \
                                           hub_story::cell{3, false, hub_story::wire_form::messagepack}), \
                           hub_story::name_of_cell)
