// A program from outside: it knows hubbub by its public headers and its package only.
#include <hubbub/server.hpp>

#include <iostream>

#include "echo_hub.hpp"

int main() {
  hubbub::server app({.port = 0});
  app.map<echo_hub>("/echo");
  app.start();
  std::cout << "listening on port " << app.port() << std::endl;
  app.stop();
  app.wait();
  std::cout << "stopped" << std::endl;
}
