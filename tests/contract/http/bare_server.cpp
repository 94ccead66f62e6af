#include "bare_server.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support.hpp"

namespace http_test {

// -- bare_connection

bare_connection::bare_connection(int socket, ssl_ctx_st* tls) : socket_(socket) {
  const timeval longest{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  if (tls == nullptr)
    return;
  tls_ = SSL_new(tls);
  SSL_set_fd(tls_, socket_);
  SSL_accept(tls_);
}

bare_connection::~bare_connection() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_);
    SSL_free(tls_);
    // The client is to read the alert before a reset can overtake it.
    shutdown(socket_, SHUT_WR);
    std::array<char, 1024> room{};
    while (recv(socket_, room.data(), room.size(), 0) > 0) {
    }
  }
  ::close(socket_);
}

int bare_connection::fill() {
  std::array<char, 16 * 1024> room{};
  const auto count = tls_ != nullptr ? SSL_read(tls_, room.data(), static_cast<int>(room.size()))
                                     : static_cast<int>(recv(socket_, room.data(), room.size(), 0));
  if (count > 0)
    input_.append(room.data(), static_cast<std::size_t>(count));
  return count;
}

std::string bare_connection::request() {
  auto end = input_.find("\r\n\r\n");
  for (; end == std::string::npos; end = input_.find("\r\n\r\n"))
    if (fill() <= 0)
      return {};
  auto result = input_.substr(0, end + 4);
  input_.erase(0, end + 4);
  return result;
}

std::string bare_connection::body(std::size_t size) {
  while (input_.size() < size && fill() > 0) {
  }
  auto result = input_.substr(0, size);
  input_.erase(0, size);
  return result;
}

void bare_connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                       : static_cast<int>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (count <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void bare_connection::cut() {
  SSL_free(tls_);
  tls_ = nullptr;
}

bool bare_connection::closed_by_client() {
  if (!input_.empty())
    return false;
  const auto count = fill();
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

// -- bare_server

bare_server::bare_server(behavior how, const troupe::tls_files& tls, client_certificates demand) : how_(std::move(how)) {
  if (!tls.certificate.empty()) {
    tls_ = SSL_CTX_new(TLS_server_method());
    bool usable = SSL_CTX_use_certificate_chain_file(tls_, tls.certificate.c_str()) == 1
                  && SSL_CTX_use_PrivateKey_file(tls_, tls.key.c_str(), SSL_FILETYPE_PEM) == 1;
    if (usable && demand == client_certificates::demanded) {
      usable = SSL_CTX_load_verify_locations(tls_, tls.authorities.c_str(), nullptr) == 1;
      SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (!usable)
      throw std::runtime_error("the test server's TLS files cannot be used");
    // What is written to a client that has left must not end the test.
    std::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c)
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 64) != 0
      || getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("the test server cannot listen");
  port_ = ntohs(at.sin_port);
  thread_ = std::thread{[this] { accept(); }};
}

bare_server::~bare_server() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  {
    const std::scoped_lock lock{guard_};
    for (const auto socket : open_)
      shutdown(socket, SHUT_RDWR);
  }
  for (auto& each : served_)
    each.join();
  ::close(listener_);
  SSL_CTX_free(tls_);
}

void bare_server::accept() {
  while (true) {
    const auto socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      return;
    {
      const std::scoped_lock lock{guard_};
      ++connections_;
      open_.insert(socket);
    }
    changed_.notify_all();
    served_.emplace_back([this, socket] {
      {
        bare_connection one{socket, tls_};
        how_(one);
        const std::scoped_lock lock{guard_};
        open_.erase(socket);
      }
      const std::scoped_lock lock{guard_};
      ++ended_;
      changed_.notify_all();
    });
  }
}

bool bare_server::took(std::size_t count) {
  std::unique_lock lock{guard_};
  return changed_.wait_for(lock, patience, [&] { return connections_ >= count; });
}

bool bare_server::ended(std::size_t count) {
  std::unique_lock lock{guard_};
  return changed_.wait_for(lock, patience, [&] { return ended_ >= count; });
}

std::string ok(std::string_view body, std::string_view further_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n" + std::string{further_headers} + "\r\n" + std::string{body};
}

} // namespace http_test
