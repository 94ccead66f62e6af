#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace troupe {

/// Whether the owner of an inbox must be woken.
enum class wake : bool { not_needed, needed };

/// Passes values from any thread to one that takes them, so that many cost their owner one wake.
template <class T>
class inbox {
public:
  /// Wants a wake when the owner has taken everything that was there before.
  [[nodiscard]] wake put(T value) {
    const std::lock_guard lock{guard_};
    waiting_.push_back(std::move(value));
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

} // namespace troupe
