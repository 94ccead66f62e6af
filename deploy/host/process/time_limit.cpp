#include <troupe/deploy/host/process/time_limit.hpp>

#include <utility>

namespace troupe::host {

time_limit::time_limit(duration at_most, std::function<void()> overdue)
  : watch_([this, until = steady_now() + at_most, overdue = std::move(overdue)] {
      std::unique_lock lock{mutex_};
      if (!called_off_.wait_until(lock, until, [this] { return in_time_; })) {
        lock.unlock();
        overdue();
      }
    }) {}

time_limit::~time_limit() {
  {
    const std::lock_guard lock{mutex_};
    in_time_ = true;
  }
  called_off_.notify_one();
  watch_.join();
}

} // namespace troupe::host
