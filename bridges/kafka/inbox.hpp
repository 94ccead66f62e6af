#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// Whether whoever owns an inbox must be told that something is in it.
enum class wake : bool { not_needed, needed };

/// Where one thread or actor leaves things for another. Any thread puts; one takes.
template <class T>
class inbox {
public:
  /// Asks for a wake when everything that was there before has been taken: an actor wants a message, a thread that waits in
  /// `wait` is woken by itself.
  wake put(T what) {
    const std::lock_guard lock{guard_};
    waiting_.push_back(std::move(what));
    stir();
    return waiting_.size() == 1 ? wake::needed : wake::not_needed;
  }

  /// Everything put since the last time, in order.
  [[nodiscard]] std::vector<T> take() {
    const std::lock_guard lock{guard_};
    return std::exchange(waiting_, {});
  }

  /// Wakes whoever waits, now or the next time.
  void nudge() {
    const std::lock_guard lock{guard_};
    stir();
  }

  /// Waits until something was put or somebody nudged since the last wait, at most until `until`.
  void wait(instant until) {
    std::unique_lock lock{guard_};
    changed_.wait_until(lock, until, [this] { return stirred_; });
    stirred_ = false;
  }

private:
  void stir() {
    stirred_ = true;
    changed_.notify_one();
  }

  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<T> waiting_;
  bool stirred_ = false;
};

} // namespace troupe::kafka
