#pragma once

#include <chrono>

#include <troupe/messages/values/time.hpp>

namespace miniature {

/// How much is let through.
struct quota_config {
  /// Calls in one window: a small service's own capacity.
  unsigned calls = 100;
  troupe::duration window = std::chrono::seconds{1};
};

/// Lets a number of calls through in each window of time, the first of which begins with the first call. A value: one thread
/// at a time.
class quota {
public:
  explicit quota(const quota_config& config = {}) noexcept : config_(config) {}

  /// Whether a call at `now` is let through.
  [[nodiscard]] bool admit(troupe::instant now) noexcept;

private:
  quota_config config_;
  troupe::instant until_{};
  unsigned left_ = 0;
};

} // namespace miniature
