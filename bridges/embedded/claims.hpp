#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace troupe::embedded {

/// Which subscription of this process has which message of one queue. Nothing of it is written down: after the process ended
/// nobody has any. A value; its owner guards it.
class queue_claims {
public:
  /// After an unclean end, messages below `end` are suspect: while there are any to claim, only the subscription of the
  /// lowest epoch may, so that they are tried one at a time.
  void suspect_until(std::int64_t end) noexcept { suspect_end_ = end; }

  void joined(std::uint64_t epoch) { claimed_.try_emplace(epoch); }

  /// Gives back everything that the subscription had.
  void left(std::uint64_t epoch);

  /// Up to `at_most` messages that another subscription gave back, lowest first. They belong to `epoch` now.
  std::vector<std::int64_t> claim_returned(std::uint64_t epoch, std::size_t at_most);

  /// From where on nobody has claimed anything yet.
  [[nodiscard]] std::int64_t cursor() const noexcept { return cursor_; }

  /// Whether the subscription may claim from the cursor on.
  [[nodiscard]] bool may_claim(std::uint64_t epoch) const noexcept;

  /// Whether everything that is suspect has been claimed.
  [[nodiscard]] bool past_suspects() const noexcept { return cursor_ >= suspect_end_; }

  /// Claims the messages that stand between the cursor and `next`, which is the cursor from now on.
  void claim(std::uint64_t epoch, const std::vector<std::int64_t>& offsets, std::int64_t next);

  /// They could not be read after all.
  void give_back(std::uint64_t epoch, const std::vector<std::int64_t>& offsets);

  /// The messages are settled or gone.
  void settled(std::uint64_t epoch, const std::vector<std::int64_t>& offsets);

  [[nodiscard]] bool has_returned() const noexcept { return !returned_.empty(); }

  /// Whether any subscription is left.
  [[nodiscard]] bool abandoned() const noexcept { return claimed_.empty(); }

private:
  std::map<std::uint64_t, std::set<std::int64_t>> claimed_; // by epoch
  std::set<std::int64_t> returned_;
  std::int64_t cursor_ = 0;
  std::int64_t suspect_end_ = 0;
};

} // namespace troupe::embedded
