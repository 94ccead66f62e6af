#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace troupe::embedded {

/// Which subscription of this process has which message of one queue. It is not durable: when the process ends, every lease
/// ends. A value; its owner guards it.
class queue_leases {
public:
  /// After an unclean end, messages below `end` are suspect: while any of them can be leased, only the subscription of the
  /// lowest epoch may lease, so that they are tried one at a time.
  void suspect_until(std::int64_t end) noexcept { suspect_end_ = end; }

  void joined(std::uint64_t epoch) { leased_.try_emplace(epoch); }

  /// Returns everything that the subscription had.
  void left(std::uint64_t epoch);

  /// Leases up to `at_most` messages that another subscription returned, lowest first.
  std::vector<std::int64_t> lease_returned(std::uint64_t epoch, std::size_t at_most);

  /// The first offset that was never leased.
  [[nodiscard]] std::int64_t cursor() const noexcept { return cursor_; }

  /// Whether the subscription may lease from the cursor on.
  [[nodiscard]] bool may_lease(std::uint64_t epoch) const noexcept;

  /// Whether everything that is suspect has been leased.
  [[nodiscard]] bool past_suspects() const noexcept { return cursor_ >= suspect_end_; }

  /// Leases the messages between the cursor and `next`, which becomes the cursor.
  void lease(std::uint64_t epoch, const std::vector<std::int64_t>& offsets, std::int64_t next);

  /// The messages could not be read after all.
  void give_back(std::uint64_t epoch, const std::vector<std::int64_t>& offsets);

  /// The messages are settled or gone.
  void settled(std::uint64_t epoch, const std::vector<std::int64_t>& offsets);

  /// The messages below `end` that are not settled, at most: what lies beyond the cursor may have gaps. None while nothing
  /// is known of them, because nothing was leased yet.
  [[nodiscard]] std::optional<std::size_t> unsettled(std::int64_t end) const noexcept;

  [[nodiscard]] bool has_returned() const noexcept { return !returned_.empty(); }

  /// Whether no subscription is left.
  [[nodiscard]] bool abandoned() const noexcept { return leased_.empty(); }

private:
  std::map<std::uint64_t, std::set<std::int64_t>> leased_; // by epoch
  std::set<std::int64_t> returned_;
  std::int64_t cursor_ = 0;
  std::int64_t suspect_end_ = 0;
};

} // namespace troupe::embedded
