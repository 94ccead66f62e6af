#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <troupe/bridges/http/engine/asio.hpp>

namespace boost::asio::ssl {
class context;
} // namespace boost::asio::ssl

namespace troupe::http {

/// A client's end of one connection, plain or TLS. One read and one write may be under way at a time; both end, with an
/// error, when the socket is closed, and never after the wire's own end, because their receiver owns it. For the I/O thread
/// alone.
class wire {
public:
  using done = std::function<void(error_code, std::size_t)>;

  virtual ~wire() = default;

  /// To connect and to close.
  virtual tcp_socket& socket() noexcept = 0;

  /// Makes a connected socket ready for use.
  virtual void shake_hands(std::function<void(error_code)> then) = 0;

  virtual void read_some(std::span<char> into, done then) = 0;

  /// Writes all of it.
  virtual void write(std::string_view bytes, done then) = 0;

  /// What a failed handshake failed for, where more than its error code is known.
  [[nodiscard]] virtual std::string detail() const { return {}; }

  /// Whether the other side has closed, or has sent what nobody asked for.
  [[nodiscard]] bool stale();

  void close() noexcept;
};

std::unique_ptr<wire> plain_wire(asio::io_context& io);

/// `host` is verified against the certificate, and named to the server unless it is an address.
std::unique_ptr<wire> tls_wire(asio::io_context& io, std::shared_ptr<asio::ssl::context> context, std::string host);

/// Whether the other side refused our certificate, or that we have none.
bool is_refused_certificate(const error_code& error) noexcept;

/// Whether the error is the orderly end of what the other side sends. A TLS connection that ends without the word for it may
/// have been cut.
bool is_orderly_end(const error_code& error) noexcept;

} // namespace troupe::http
