// The hub of the programs from outside.
#pragma once

#include <hubbub/hub.hpp>

#include <string>

class echo_hub : public hubbub::hub<echo_hub> {
 public:
  std::string echo(std::string text) const { return text; }
  using methods = hubbub::methods<&echo_hub::echo>;
};
