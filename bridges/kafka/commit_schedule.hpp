#pragma once

#include <optional>

#include <troupe/messages/values/stall.hpp>
#include <troupe/policies/backoff.hpp>
#include <troupe/policies/earliest.hpp>

namespace troupe::kafka {

/// When a member commits: an interval after a change, and after a failure when its backoff is over. A value; `now` never
/// goes back.
class commit_schedule {
public:
  explicit commit_schedule(duration every) noexcept : every_(every) {}

  void changed(instant now) noexcept {
    if (!due_)
      due_ = now + every_;
  }
  [[nodiscard]] bool may_begin(instant now) const noexcept { return !not_before_ || now >= *not_before_; }
  [[nodiscard]] bool due(instant now) const noexcept { return due_ && now >= *due_; }
  void begun(instant now) noexcept { due_ = now + every_; }
  /// A commit was due, and there was nothing to commit.
  void nothing_to_do() noexcept { due_.reset(); }

  void failed(const failure& why, instant now) {
    stalled_ = stall{stall_reason::settlement, why, stalled_ ? stalled_->since : now};
    not_before_ = now + backoff_.next(now);
  }
  void succeeded() noexcept {
    backoff_.reset();
    stalled_.reset();
    not_before_.reset();
  }

  /// While commits fail.
  [[nodiscard]] const std::optional<stall>& stalled() const noexcept { return stalled_; }
  void consider(policies::earliest& soonest) const noexcept {
    soonest.consider(not_before_);
    soonest.consider(due_);
  }

private:
  duration every_;
  std::optional<instant> due_; ///< none: nothing has changed since the latest commit
  std::optional<instant> not_before_;
  policies::backoff backoff_{policies::reconnect_backoff};
  std::optional<stall> stalled_;
};

} // namespace troupe::kafka
