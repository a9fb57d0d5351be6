// Plain HTTP answers beside hubs: what a handler of `server::get` returns.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::inline v0 {

/// An HTTP answer. A value. `Content-Length`, `Date` and `Connection` are added by the server.
struct response {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";  ///< left out of the answer when empty
  std::vector<std::pair<std::string, std::string>> headers;

  /// Plain text.
  [[nodiscard]] static response text(std::string body, int status = 200) {
    response answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
  }
  /// JSON that is encoded already.
  [[nodiscard]] static response json(std::string body, int status = 200) {
    response answer = text(std::move(body), status);
    answer.content_type = "application/json";
    return answer;
  }
  /// HTML.
  [[nodiscard]] static response html(std::string body, int status = 200) {
    response answer = text(std::move(body), status);
    answer.content_type = "text/html; charset=utf-8";
    return answer;
  }
};

}  // namespace hubbub::inline v0
