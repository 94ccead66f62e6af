#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <troupe/bridges/kafka/partition_work.hpp>
#include <troupe/bridges/kafka/stale_leader_recovery.hpp>
#include <troupe/messages/values/stall.hpp>

namespace troupe::kafka {

/// An assignment of a partition with its reader's view of the log: where the log ends, which records were removed before
/// they were read, and whether it is still the same log. A member's thread owns it; `now` never goes back.
class partition_reading final : public partition_work {
public:
  using partition_work::partition_work;

  /// A record has arrived, in a topic of retries with its retry headers, or one that is not for this group. True when it
  /// shows that the log has begun anew.
  bool take_record(std::int64_t offset, message content, instant now, std::optional<waiting_retry> retry);
  bool pass_record(std::int64_t offset, const message& content, instant now);

  /// The log has begun anew, and its reader has not reached the beginning yet: records that arrive are dropped.
  void begins_anew() noexcept { begun_anew_ = true; }
  [[nodiscard]] bool begun_anew() const noexcept { return begun_anew_; }

  /// Where the reader must seek now; returns each seek once.
  struct seek {
    std::optional<std::int64_t> offset; ///< none: the beginning
  };
  std::optional<seek> next_seek(instant now);
  [[nodiscard]] std::optional<instant> seek_due() const noexcept { return recovery_.due(); }

  /// Whether offsets before `offset` may have been removed before they were read.
  [[nodiscard]] bool leaves_out(std::int64_t offset) const noexcept;
  struct range {
    std::int64_t from = 0;
    std::int64_t end = 0; ///< above the last one
  };
  /// The offsets before `offset` that were removed before they were read; to be called before that offset is taken. `low` is
  /// where the log begins now. Offsets that hold no message, such as those that compaction or transactions leave, are not
  /// among them. Returns each offset once.
  std::optional<range> removed_unread(std::int64_t offset, std::int64_t low) noexcept;

  /// The reader is at the end of the log. `dropped`: the records before it were dropped, and are read again. True when a
  /// commit would advance the group's position.
  enum class arrivals : std::uint8_t { taken, dropped };
  bool at_end(std::int64_t offset, arrivals before);
  /// The unsettled messages, where the log ends at `end`; none while it is not known where reading begins.
  [[nodiscard]] std::optional<std::int64_t> lag(std::int64_t end) const noexcept;

  /// The log ends at `end`, and at `stable` for readers of committed messages; none: this one reads all messages.
  void log_ends(std::optional<std::int64_t> stable, std::int64_t end, instant now);
  /// The stall of a reader that waits for the end of a transaction.
  [[nodiscard]] std::optional<stall> open_transaction(std::int32_t number, const std::string& topic) const;

  bool paused = false; ///< whether its fetching is

private:
  bool follows(bool taken, std::int64_t offset, std::size_t hash, instant now);
  /// The next offset, past the markers of transactions.
  [[nodiscard]] std::int64_t next() const noexcept;

  struct open_end {
    std::int64_t stable = 0;
    std::int64_t end = 0;
    instant since;
  };
  stale_leader_recovery recovery_;
  std::optional<std::size_t> latest_; ///< a hash of the latest record that was read, which identifies its log
  std::int64_t seen_end_ = 0;         ///< the latest end of its log
  std::int64_t removed_end_ = 0;      ///< up to where `removed_unread` has returned offsets
  std::optional<open_end> open_;      ///< while a transaction is not ended
  bool begun_anew_ = false;
};

} // namespace troupe::kafka
