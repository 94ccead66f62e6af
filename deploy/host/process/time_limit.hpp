#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <troupe/messages/values/time.hpp>

namespace troupe::host {

/// A bound for what may block its thread for ever: unless it is destroyed before, it calls `overdue` after `at_most`, once,
/// on a thread of its own. Its destruction waits for a call that has begun.
class time_limit {
public:
  time_limit(duration at_most, std::function<void()> overdue);
  ~time_limit();
  time_limit(const time_limit&) = delete;
  time_limit& operator=(const time_limit&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable called_off_;
  bool in_time_ = false;
  std::thread watch_;
};

} // namespace troupe::host
