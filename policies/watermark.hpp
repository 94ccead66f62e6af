#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>

#include <troupe/policies/offset_map.hpp>

namespace troupe::policies {

/// Up to where everything is settled, while settlements arrive in any order. An offset that was never fetched (compacted
/// away, a transaction marker) counts as settled. Fetching and settling cost O(1) amortised (O(log n) where there are
/// holes). A value: one thread at a time.
class watermark {
public:
  /// `first` is the first offset that may be fetched: the committed one.
  explicit watermark(std::int64_t first) noexcept : end_(first) {}

  /// A delivery was fetched. False, and nothing is changed, when it is below what was fetched or skipped before.
  bool fetched(std::int64_t offset);

  /// There is nothing to fetch below `next`: the reader's position has passed a hole at the end. Going back is ignored.
  void skipped_to(std::int64_t next) noexcept;

  /// A fetched offset is settled. False, and nothing is changed, when it is not one that is fetched and unsettled.
  bool settled(std::int64_t offset);

  /// The offset to commit: the next one to read. Everything below is settled; it itself is not.
  [[nodiscard]] std::int64_t position() const noexcept {
    const auto first = unsettled_.empty() ? end_ : unsettled_.front_offset();
    return apart_.empty() ? first : std::min(first, *apart_.begin());
  }

  /// An unsettled offset may stay so for long: from now on the span does not begin with it.
  void set_apart(std::int64_t offset) {
    if (unsettled_.erase(offset))
      apart_.insert(offset);
  }

  /// How many fetched offsets stand from the first unsettled one on, settled ones included: what a restart handles again.
  /// What is set apart counts by itself.
  [[nodiscard]] std::size_t span() const noexcept {
    return apart_.size() + (unsettled_.empty() ? 0 : static_cast<std::size_t>(fetched_ - unsettled_.front()));
  }

  [[nodiscard]] std::size_t unsettled() const noexcept { return unsettled_.size() + apart_.size(); }

private:
  offset_map<std::uint64_t> unsettled_; ///< how many were fetched before each
  std::set<std::int64_t> apart_;
  std::uint64_t fetched_ = 0;
  std::int64_t end_;
};

} // namespace troupe::policies
