// The chat sample: the web server for its hub and its page.
#include <hubbub/server.hpp>

#include <exception>
#include <functional>
#include <iostream>

#include "chat_hub.hpp"
#include "guest_book.hpp"
#include "sample_options.hpp"

int main(int argc, char** argv) try {
  const sample_options options =
      read_options(argc, argv,
                   {.web = CHAT_SAMPLE_FOLDER "/web",
                    .library = CHAT_SAMPLE_FOLDER "/node_modules/@microsoft/signalr/dist/browser"});
  guest_book book;
  hubbub::server app({.port = options.port});
  app.map<chat_hub>("/chat", std::ref(book));
  app.serve_directory("/lib", options.library);
  app.serve_directory("/", options.web);
  app.run();
} catch (const std::exception& problem) {
  std::cerr << "chat: " << problem.what() << '\n';
  return 1;
}
