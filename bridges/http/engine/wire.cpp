#include <troupe/bridges/http/engine/wire.hpp>

#include <utility>

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

namespace troupe::http {

namespace {

class plain final : public wire {
public:
  explicit plain(asio::io_context& io) : socket_(io) {}

  tcp_socket& socket() noexcept override { return socket_; }
  void shake_hands(std::function<void(error_code)> then) override {
    asio::post(socket_.get_executor(), [then = std::move(then)] { then({}); });
  }
  void read_some(std::span<char> into, done then) override {
    socket_.async_read_some(asio::buffer(into.data(), into.size()), std::move(then));
  }
  void write(std::string_view bytes, done then) override {
    asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), std::move(then));
  }

private:
  tcp_socket socket_;
};

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

class tls final : public wire {
public:
  tls(asio::io_context& io, std::shared_ptr<asio::ssl::context> context, std::string host)
    : context_(std::move(context)), stream_(io, *context_), host_(std::move(host)) {}

  tcp_socket& socket() noexcept override { return stream_.next_layer(); }

  void shake_hands(std::function<void(error_code)> then) override {
    error_code error;
    stream_.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error)
      stream_.set_verify_callback(asio::ssl::host_name_verification(host_), error);
    if (!error && !is_address(host_)) {
      // The macro that OpenSSL has for this casts as C does.
      auto* const name = const_cast<char*>(host_.c_str());
      if (SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name) != 1)
        error = asio::error::invalid_argument;
    }
    if (error)
      return asio::post(stream_.get_executor(), [then = std::move(then), error] { then(error); });
    stream_.async_handshake(asio::ssl::stream_base::client, [this, then = std::move(then)](error_code failed) {
      // The error of the handshake only says that verification failed. Asio's check of the host has no code.
      const auto verdict = SSL_get_verify_result(stream_.native_handle());
      if (failed && verdict != X509_V_OK)
        why_ =
          verdict == X509_V_ERR_UNSPECIFIED ? "its certificate is for another host" : X509_verify_cert_error_string(verdict);
      then(failed);
    });
  }
  void read_some(std::span<char> into, done then) override {
    stream_.async_read_some(asio::buffer(into.data(), into.size()), std::move(then));
  }
  void write(std::string_view bytes, done then) override {
    asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), std::move(then));
  }
  [[nodiscard]] std::string detail() const override { return why_; }

private:
  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<tcp_socket> stream_;
  std::string host_;
  std::string why_;
};

} // namespace

bool wire::stale() {
  char byte = 0;
  const auto count = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void wire::close() noexcept {
  error_code ignored;
  socket().close(ignored);
}

std::unique_ptr<wire> plain_wire(asio::io_context& io) {
  return std::make_unique<plain>(io);
}

std::unique_ptr<wire> tls_wire(asio::io_context& io, std::shared_ptr<asio::ssl::context> context, std::string host) {
  return std::make_unique<tls>(io, std::move(context), std::move(host));
}

bool is_refused_certificate(const error_code& error) noexcept {
  if (error.category() != asio::error::get_ssl_category())
    return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: // what TLS 1.2 says where a certificate was wanted
      return true;
    default:
      return false;
  }
}

bool is_orderly_end(const error_code& error) noexcept {
  return error == asio::error::eof;
}

} // namespace troupe::http
