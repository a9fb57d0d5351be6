// A client made of a socket: sends exactly what a test says and shows exactly what comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_session_st;

namespace hubbub_test {

/// An HTTP answer as it was on the wire.
struct wire_answer {
  int status = 0;  ///< 0: there was none
  std::string head;
  std::string body;
  /// The value of a header, or nothing. Names in any letter case.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// A WebSocket frame.
struct wire_frame {
  int opcode = -1;  ///< -1: the connection ended instead
  bool fin = true;
  std::string payload;
  /// The code of a close frame; 0 when it has none.
  [[nodiscard]] int close_code() const;
};

/// How a client speaks TLS.
struct tls_manners {
  std::string ca_file;             ///< who must have signed the server's certificate
  std::string host = "localhost";  ///< what the client asks for
  std::string certificate_file{};  ///< the client's own
  std::string key_file{};
  int lowest = 0;  ///< versions as OpenSSL has them; 0: any
  int highest = 0;
  ssl_session_st* resume = nullptr;
  std::string alpn{};  ///< as on the wire: a byte of size before each name
};

/// A blocking connection. Reading gives up after a generous while and says so by an exception.
class wire_client {
 public:
  /// Connects over TCP; `address` is IPv4 or IPv6. `receive_room`: a small SO_RCVBUF, for clients that read slowly.
  explicit wire_client(std::uint16_t port, const std::string& address = "127.0.0.1", int receive_room = 0);
  /// Shakes hands; throws when that fails. What is sent and received from then on is encrypted.
  void secure(const tls_manners& how);
  /// OpenSSL's view of it; null: plain.
  [[nodiscard]] ssl_st* tls() const noexcept { return tls_.get(); }
  /// Connects to a Unix socket.
  explicit wire_client(const std::string& unix_path);
  wire_client(wire_client&& other) noexcept;
  wire_client(const wire_client&) = delete;
  wire_client& operator=(const wire_client&) = delete;
  ~wire_client();

  void send(std::string_view bytes);
  /// Sends as much as the socket takes, as it is, also under TLS; false when it takes nothing more or is broken.
  bool try_send(std::string_view bytes);
  /// True when the peer has ended the connection, after reading and dropping what it sent.
  [[nodiscard]] bool ends();
  /// What comes until the connection ends.
  [[nodiscard]] std::string read_to_end();
  /// Ends the connection; `hard`: with a reset.
  void close(bool hard = false);
  /// Ends our side only.
  void end_sending();

  /// Waits until something can be read, without reading it.
  void await_bytes() const;

  /// One answer. `head_only`: the request was HEAD.
  [[nodiscard]] wire_answer answer(bool head_only = false);
  /// Sends a request without body and reads its answer.
  [[nodiscard]] wire_answer ask(std::string_view method, std::string_view target, std::string_view more_headers = {});

  /// The next chunk of a chunked body; empty behind the last one, or when the connection ends.
  [[nodiscard]] std::string chunk();

  /// Sends a WebSocket upgrade and reads its answer.
  [[nodiscard]] wire_answer upgrade(std::string_view target, std::string_view more_headers = {});
  /// Sends one frame, masked as clients must.
  void send_frame(int opcode, std::string_view payload, bool fin = true);
  void send_close(int code) {
    send_frame(8, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
  }
  /// The next frame.
  [[nodiscard]] wire_frame frame();
  /// Payloads of data frames joined until they have `size` bytes.
  [[nodiscard]] std::string data(std::size_t size);

 private:
  [[nodiscard]] bool fill();
  [[nodiscard]] bool fill_decrypted();
  [[nodiscard]] bool fill_to(std::size_t size);
  [[nodiscard]] std::string take(std::size_t size);

  int fd_ = -1;
  std::shared_ptr<ssl_st> tls_;
  std::string received_;
};

/// A masked frame as bytes.
[[nodiscard]] std::string masked_frame(int opcode, std::string_view payload, bool fin = true);

/// The upgrade request that `wire_client::upgrade` sends.
[[nodiscard]] std::string upgrade_request(std::string_view target, std::string_view more_headers = {});

}  // namespace hubbub_test
