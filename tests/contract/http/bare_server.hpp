#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <troupe/messages/values/tls_files.hpp>

struct ssl_ctx_st;
struct ssl_st;

namespace http_test {

/// Whether a server asks its clients for a certificate.
enum class client_certificates : std::uint8_t { not_asked, demanded };

/// The server's end of one connection. Blocks its thread; what takes longer than a test's patience fails.
class bare_connection {
public:
  bare_connection(int socket, ssl_ctx_st* tls);
  ~bare_connection();
  bare_connection(const bare_connection&) = delete;
  bare_connection& operator=(const bare_connection&) = delete;

  /// The next request's line and headers; empty when the client has closed, or TLS did not come about.
  std::string request();

  /// So many bytes behind it; fewer when the client has closed.
  std::string body(std::size_t size);

  void send(std::string_view bytes);

  /// Closes without the word that TLS has for it.
  void cut();

  /// Waits until the client has closed; false when it sends something instead.
  bool closed_by_client();

private:
  int fill();

  int socket_;
  ssl_st* tls_ = nullptr;
  std::string input_;
};

/// A server that is nobody's framework: each connection gets a thread that does what the test says, then closes.
class bare_server {
public:
  using behavior = std::function<void(bare_connection&)>;

  explicit bare_server(behavior how) : bare_server(std::move(how), {}, client_certificates::not_asked) {}
  bare_server(behavior how, const troupe::tls_files& tls, client_certificates demand);
  ~bare_server();
  bare_server(const bare_server&) = delete;
  bare_server& operator=(const bare_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Connections so far.
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

  /// Waits until so many connections were taken, or so many have ended.
  [[nodiscard]] bool took(std::size_t count);
  [[nodiscard]] bool ended(std::size_t count);

private:
  void accept();

  behavior how_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex guard_;
  std::condition_variable changed_;
  std::atomic<std::size_t> connections_{0};
  std::size_t ended_ = 0;
  std::set<int> open_;
  std::vector<std::thread> served_; // of the accepting thread
  std::thread thread_;
};

/// An answer of 200 with its length.
std::string ok(std::string_view body, std::string_view further_headers = {});

} // namespace http_test
