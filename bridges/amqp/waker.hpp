#pragma once

#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <troupe/bridges/amqp/socket_interrupter.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// What a thread waits on beside its waker.
struct also_wait_for {
  int socket = -1; ///< below zero: nothing
  short what = POLLIN;
};

/// By which any thread wakes the one that waits.
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

  /// Waits until somebody nudged since the last wait, or the socket has something, at most until `until`.
  void wait(instant until, also_wait_for also) noexcept;

private:
  int file_;
};

/// A link to a thread that waits for its waker, and for a socket that may have it stuck.
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

} // namespace troupe::amqp
