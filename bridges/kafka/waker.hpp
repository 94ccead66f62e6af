#pragma once

#include <condition_variable>
#include <mutex>

#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// Wakes the thread of a client. Any thread may call `nudge`; one thread waits.
class waker {
public:
  void nudge() noexcept {
    const std::lock_guard lock{guard_};
    rung_ = true;
    changed_.notify_one();
  }

  /// Waits until `nudge` is called, or was since the previous wait; at most until `until`.
  void wait(instant until) {
    std::unique_lock lock{guard_};
    changed_.wait_until(lock, until, [this] { return rung_; });
    rung_ = false;
  }

private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool rung_ = false;
};

/// A link to a thread that waits for its waker.
template <class Link>
struct waker_link : Link {
  using Link::Link;

  void nudge() noexcept override { bell.nudge(); }

  waker bell;
};

} // namespace troupe::kafka
