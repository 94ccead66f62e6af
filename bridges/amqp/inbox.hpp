#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// What a thread waits on beside its inbox.
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

/// Whether whoever owns an inbox must be told that something is in it.
enum class wake : bool { not_needed, needed };

/// Where one thread or actor leaves things for another. Any thread puts; one takes.
template <class T>
class inbox {
public:
  /// Asks for a wake when everything that was there before has been taken.
  wake put(T what) {
    const std::lock_guard lock{guard_};
    waiting_.push_back(std::move(what));
    return waiting_.size() == 1 ? wake::needed : wake::not_needed;
  }

  /// Everything put since the last time, in order.
  [[nodiscard]] std::vector<T> take() {
    const std::lock_guard lock{guard_};
    return std::exchange(waiting_, {});
  }

private:
  std::mutex guard_;
  std::vector<T> waiting_;
};

} // namespace troupe::amqp
