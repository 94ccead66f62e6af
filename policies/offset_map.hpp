#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace troupe::policies {

/// A map from offsets that arrive in rising order and leave in any order. Appending and erasing cost O(1) amortised; finding
/// costs O(1) while the offsets present have no holes between them and O(log n) otherwise. Memory is bounded by twice the
/// entries present, wherever the oldest one stands. A value: one thread at a time. Erasing invalidates pointers to values.
template <class Value>
class offset_map {
public:
  /// Appends an entry. False, and nothing is changed, when `offset` is not above every offset appended before.
  bool append(std::int64_t offset, Value value) {
    if (last_ && offset <= *last_)
      return false;
    last_ = offset;
    slots_.push_back({offset, present::yes, std::move(value)});
    ++size_;
    return true;
  }

  /// The value at `offset`, or null.
  [[nodiscard]] Value* find(std::int64_t offset) noexcept {
    const auto at = index_of(offset);
    return at ? &slots_[*at].value : nullptr;
  }
  [[nodiscard]] const Value* find(std::int64_t offset) const noexcept {
    const auto at = index_of(offset);
    return at ? &slots_[*at].value : nullptr;
  }

  /// Erases an entry. False when there is none at `offset`.
  bool erase(std::int64_t offset) {
    const auto at = index_of(offset);
    if (!at)
      return false;
    slots_[*at].state = present::no;
    slots_[*at].value = Value{};
    --size_;
    tidy_up();
    return true;
  }

  /// The lowest offset present and its value. Only while the map is not empty.
  [[nodiscard]] std::int64_t front_offset() const noexcept { return slots_.front().offset; }
  [[nodiscard]] const Value& front() const noexcept { return slots_.front().value; }

  /// Calls `visit(offset, value)` for every entry in rising order; it must not append or erase.
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const auto& each : slots_)
      if (each.state == present::yes)
        visit(each.offset, each.value);
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  enum class present : bool { no, yes };

  struct slot {
    std::int64_t offset;
    present state;
    Value value;
  };

  // Offsets rise by at least one from slot to slot, so none stands further back than its distance from the first.
  [[nodiscard]] std::optional<std::size_t> index_of(std::int64_t offset) const noexcept {
    if (slots_.empty() || offset < slots_.front().offset || offset > slots_.back().offset)
      return std::nullopt;
    const auto distance = static_cast<std::uint64_t>(offset) - static_cast<std::uint64_t>(slots_.front().offset);
    auto at = static_cast<std::size_t>(std::min<std::uint64_t>(distance, slots_.size() - 1));
    if (slots_[at].offset != offset) {
      const auto found = std::lower_bound(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(at), offset,
                                          [](const slot& each, std::int64_t wanted) { return each.offset < wanted; });
      if (found->offset != offset)
        return std::nullopt;
      at = static_cast<std::size_t>(found - slots_.begin());
    }
    return slots_[at].state == present::yes ? std::optional{at} : std::nullopt;
  }

  void tidy_up() {
    while (!slots_.empty() && slots_.front().state == present::no)
      slots_.pop_front();
    if (slots_.size() > 2 * size_ + tolerated)
      std::erase_if(slots_, [](const slot& each) { return each.state == present::no; });
  }

  static constexpr std::size_t tolerated = 64; ///< vacant slots that are not worth the work of removing

  std::deque<slot> slots_;
  std::size_t size_ = 0;
  std::optional<std::int64_t> last_;
};

} // namespace troupe::policies
