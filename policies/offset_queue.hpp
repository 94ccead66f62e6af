#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace troupe::policies {

/// Offsets waiting for their turn, lowest first. New ones rise and cost O(1); those that return cost O(log n).
/// A value: one thread at a time.
class offset_queue {
public:
  /// An offset above all that were ever pushed this way.
  void push_new(std::int64_t offset) { new_.push_back(offset); }

  /// Any offset.
  void push_returned(std::int64_t offset) {
    returned_.push_back(offset);
    std::push_heap(returned_.begin(), returned_.end(), std::greater<>{});
  }

  /// The lowest offset, if there is one.
  [[nodiscard]] std::optional<std::int64_t> front() const noexcept {
    if (returned_first())
      return returned_.front();
    return new_.empty() ? std::nullopt : std::optional{new_.front()};
  }

  /// Removes what `front` shows. Only while there is one.
  void pop() noexcept {
    if (!returned_first()) {
      new_.pop_front();
      return;
    }
    std::pop_heap(returned_.begin(), returned_.end(), std::greater<>{});
    returned_.pop_back();
  }

private:
  [[nodiscard]] bool returned_first() const noexcept {
    return !returned_.empty() && (new_.empty() || returned_.front() < new_.front());
  }

  std::deque<std::int64_t> new_;
  std::vector<std::int64_t> returned_; ///< a heap
};

} // namespace troupe::policies
