#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// Which offsets are due when. Adding and removing cost O(log n). A value: one thread at a time.
class timetable {
public:
  void add(instant due, std::int64_t offset) { entries_.emplace(due, offset); }

  /// Removes what was added with the same two values.
  void remove(instant due, std::int64_t offset) { entries_.erase({due, offset}); }

  /// Removes and gives everything that is due at `now`, in the order of its time.
  [[nodiscard]] std::vector<std::int64_t> take_due(instant now) {
    std::vector<std::int64_t> due;
    while (!entries_.empty() && entries_.begin()->first <= now) {
      due.push_back(entries_.begin()->second);
      entries_.erase(entries_.begin());
    }
    return due;
  }

  /// When the next one is due, if there is one.
  [[nodiscard]] std::optional<instant> next() const noexcept {
    return entries_.empty() ? std::nullopt : std::optional{entries_.begin()->first};
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  std::set<std::pair<instant, std::int64_t>> entries_;
};

} // namespace troupe::policies
