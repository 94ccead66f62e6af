#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Whether a bridge reaches its peer: set by the bridge, read by the reporters of health. Any thread.
class link_state {
public:
  void works() {
    const std::lock_guard lock{guard_};
    trouble_.reset();
    changed_.notify_all();
  }

  void fails(failure why) {
    const std::lock_guard lock{guard_};
    trouble_ = std::move(why);
    changed_.notify_all();
  }

  /// Why it does not; nothing while it does.
  [[nodiscard]] std::optional<failure> trouble() const {
    const std::lock_guard lock{guard_};
    return trouble_;
  }

  /// Waits at most `at_most` until `holds` is true of the result of `trouble`; returns whether it is.
  template <class Predicate>
  [[nodiscard]] bool wait_for(duration at_most, Predicate&& holds) const {
    std::unique_lock lock{guard_};
    return changed_.wait_for(lock, at_most, [&] { return holds(trouble_); });
  }

private:
  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  std::optional<failure> trouble_ = failure{errc::unavailable, "not connected yet"};
};

using link_state_ptr = std::shared_ptr<link_state>;

} // namespace troupe
