// An HTTP request as applications see it: in authentication, plain handlers and hubs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hubbub/connection/client_certificate.hpp"

namespace hubbub::inline v0 {

/// A request: method, target, headers, body. A value; all views are valid as long as the object is unchanged.
/// Filled by the HTTP server of a transport, read by everybody else.
class request {
 public:
  /// `GET`, `POST`, ... as sent.
  [[nodiscard]] std::string_view method() const noexcept { return part(method_); }
  /// The request target as sent: path and query, still percent-encoded.
  [[nodiscard]] std::string_view target() const noexcept { return part(target_); }
  /// The path, percent-decoded.
  [[nodiscard]] std::string_view path() const noexcept { return path_; }
  /// The query as sent, without `?`.
  [[nodiscard]] std::string_view query_string() const noexcept;
  /// The first query item of that name, percent-decoded (`+` is a space). Names match without regard to case.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// How many query items have that name (transports.md 3.2: a version given twice is no version).
  [[nodiscard]] std::size_t query_count(std::string_view name) const;
  /// The value of a header, or nothing; repeated headers give the first. Names match without regard to case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// How many headers have that name.
  [[nodiscard]] std::size_t header_count(std::string_view name) const noexcept;
  /// All values of a header joined with `, `; empty when there is none.
  [[nodiscard]] std::string headers(std::string_view name) const;
  /// The body; empty when there is none.
  [[nodiscard]] std::string_view body() const noexcept { return body_; }
  /// The peer's address as text (`127.0.0.1`, `::1`, empty for Unix sockets).
  [[nodiscard]] const std::string& remote_address() const noexcept { return remote_address_; }
  /// The peer's port; 0 for Unix sockets.
  [[nodiscard]] std::uint16_t remote_port() const noexcept { return remote_port_; }
  /// True when the request came over TLS.
  [[nodiscard]] bool secure() const noexcept { return secure_; }
  /// The certificate that the client showed, verified; null: none was asked for, none came, or `on_connected` is over.
  [[nodiscard]] const client_certificate* peer_certificate() const noexcept { return certificate_.get(); }
  /// 10 or 11, for HTTP/1.0 and HTTP/1.1.
  [[nodiscard]] int version() const noexcept { return version_; }

  // What a server calls to fill a request; applications have no use for it.
  /// Forgets everything and keeps the room.
  void clear() noexcept;
  /// Bytes of memory that `clear` keeps.
  [[nodiscard]] std::size_t room() const noexcept {
    return text_.capacity() + path_.capacity() + body_.capacity() + fields_.capacity() * sizeof(field);
  }
  /// Sets the request line. The path is decoded here; a target that cannot be decoded gives false.
  bool set_line(std::string_view method, std::string_view target, int version);
  /// Adds a header.
  void add_header(std::string_view name, std::string_view value);
  /// Appends to the body.
  void append_body(std::string_view more) { body_.append(more); }
  /// Sets where the request came from.
  void set_peer(std::string_view address, std::uint16_t port, bool secure);
  /// Sets the certificate of the client.
  void set_certificate(std::shared_ptr<const client_certificate> verified) noexcept {
    certificate_ = std::move(verified);
  }
  /// Keeps only path, query, peer and the headers named (decision 27): what a connection carries after on_connected.
  void keep_only(const std::vector<std::string>& header_names);

 private:
  struct piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct field {
    piece name;
    piece value;
  };
  [[nodiscard]] std::string_view part(piece where) const noexcept { return {text_.data() + where.at, where.size}; }
  piece store(std::string_view text);

  std::string text_;  ///< method, target and headers, one after the other
  std::string path_;
  std::string body_;
  std::string remote_address_;
  std::vector<field> fields_;
  std::shared_ptr<const client_certificate> certificate_;
  piece method_;
  piece target_;
  std::uint16_t remote_port_ = 0;
  std::uint8_t version_ = 11;
  bool secure_ = false;
};

/// Decodes `%xx` (and `+` as a space when `plus_is_space`); nothing when the encoding is broken or gives a NUL byte.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// Compares ASCII text without regard to letter case.
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

}  // namespace hubbub::inline v0
