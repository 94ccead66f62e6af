#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <troupe/bridges/amqp/socket_interrupter.hpp>
#include <troupe/bridges/inbound/consumer_link.hpp>

namespace troupe::amqp {

/// A socket that a thread waits for beside its waker.
struct awaited_socket {
  int socket = -1; ///< below zero: none
  short events = POLLIN;
};

/// Wakes a thread. Any thread nudges; one waits.
class waker {
public:
  waker() : file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  waker(const waker&) = delete;
  waker& operator=(const waker&) = delete;
  ~waker() { ::close(file_); }

  void nudge() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(file_, &one, sizeof one));
  }

  /// Waits for a nudge since the last wait or for the socket, at most until `until`, and for 100 ms: the library sends
  /// heartbeats only when it is called.
  void wait(instant until, awaited_socket also) noexcept {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
    std::array<pollfd, 2> files{pollfd{file_, POLLIN, 0}, pollfd{also.socket, also.events, 0}};
    ::poll(files.data(), also.socket < 0 ? 1 : 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 100)));
    std::uint64_t nudges = 0;
    static_cast<void>(::read(file_, &nudges, sizeof nudges));
  }

private:
  int file_;
};

/// A link to a thread that waits for its waker, and for a socket whose use it may be blocked in.
template <class Link>
struct waker_link : Link {
  using Link::Link;

  void nudge() noexcept override { bell.nudge(); }
  void interrupt() noexcept override {
    line.interrupt();
    bell.nudge();
  }

  waker bell;
  socket_interrupter line;
};

using consumer_link = waker_link<inbound::consumer_link>;
using sender_link = waker_link<outbound::sender_link>;

} // namespace troupe::amqp
