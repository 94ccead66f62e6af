#pragma once

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace troupe::contract {

/// Stands between a client and a server on loopback, one connection at a time, and can keep from the client what the server
/// says.
class mute_relay {
public:
  explicit mute_relay(std::uint16_t server) : server_(server), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto here = loopback(0);
    socklen_t size = sizeof here;
    if (::bind(listener_, as_address(here), size) != 0 || ::listen(listener_, 8) != 0
        || ::getsockname(listener_, as_address(here), &size) != 0)
      throw std::runtime_error("a relay cannot listen");
    port_ = ntohs(here.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  ~mute_relay() {
    ended_ = true;
    wake();
    thread_.join();
    for (const auto each : {listener_, woken_})
      ::close(each);
  }
  mute_relay(const mute_relay&) = delete;
  mute_relay& operator=(const mute_relay&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// From now on the client hears nothing more on its connection; what it says still arrives.
  void mute() noexcept { muted_ = true; }

  /// Ends that connection. The next one is passed on both ways.
  void cut() {
    cut_ = true;
    wake();
  }

private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    made.sin_port = htons(port);
    return made;
  }
  static sockaddr* as_address(sockaddr_in& own) { return reinterpret_cast<sockaddr*>(&own); }

  void wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(woken_, &one, sizeof one));
  }

  void run() {
    while (!ended_) {
      std::array<pollfd, 4> watched{
        {{woken_, POLLIN, 0}, {listener_, POLLIN, 0}, {client_, POLLIN, 0}, {behind_, POLLIN, 0}}};
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents != 0) {
        std::uint64_t count = 0;
        static_cast<void>(!::read(woken_, &count, sizeof count));
      }
      if (cut_.exchange(false))
        end_connection();
      else if (client_ >= 0
               && ((watched[2].revents != 0 && !pass(client_, behind_, false))
                   || (watched[3].revents != 0 && !pass(behind_, client_, muted_))))
        end_connection();
      if (watched[1].revents != 0)
        begin_connection();
    }
    end_connection();
  }

  void begin_connection() {
    end_connection();
    client_ = ::accept(listener_, nullptr, nullptr);
    behind_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto there = loopback(server_);
    if (::connect(behind_, as_address(there), sizeof there) != 0)
      end_connection();
  }

  void end_connection() {
    for (auto* const each : {&client_, &behind_})
      if (const auto open = std::exchange(*each, -1); open >= 0)
        ::close(open);
    muted_ = false;
  }

  static bool pass(int from, int to, bool swallowed) {
    std::array<char, 65536> bytes{};
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    return count > 0 && (swallowed || ::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count);
  }

  const std::uint16_t server_;
  std::uint16_t port_ = 0;
  const int listener_;
  const int woken_ = ::eventfd(0, EFD_CLOEXEC);
  int client_ = -1; // of the thread, as the next
  int behind_ = -1;
  std::atomic<bool> muted_ = false;
  std::atomic<bool> cut_ = false;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

} // namespace troupe::contract
