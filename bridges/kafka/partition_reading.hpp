#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <troupe/bridges/kafka/partition_work.hpp>
#include <troupe/bridges/kafka/stale_leader_recovery.hpp>
#include <troupe/messages/values/stall.hpp>

namespace troupe::kafka {

/// An assignment of a partition, and what its reader knows of the log: where it ends, what was removed from it before it was
/// read, whether it is still the same one. A member's thread owns it; `now` never goes back.
class partition_reading final : public partition_work {
public:
  using partition_work::partition_work;

  /// A record has come, in a topic of retries with what makes it one, or one that is nothing to us. True when it shows that
  /// the log has begun anew.
  bool take_record(std::int64_t offset, message content, instant now, std::optional<waiting_retry> retry);
  bool pass_record(std::int64_t offset, const message& content, instant now);

  /// The log has begun anew, and its reader is not at the beginning yet: what comes is dropped.
  void begins_anew() noexcept { begun_anew_ = true; }
  [[nodiscard]] bool begun_anew() const noexcept { return begun_anew_; }

  /// Where the reader is to be led now, each time once.
  struct lead {
    std::optional<std::int64_t> offset; ///< none: the beginning
  };
  std::optional<lead> next_lead(instant now);
  [[nodiscard]] std::optional<instant> lead_due() const noexcept { return recovery_.due(); }

  struct range {
    std::int64_t from = 0;
    std::int64_t end = 0; ///< behind the last one
  };
  [[nodiscard]] bool leaves_out(std::int64_t offset) const noexcept;
  std::optional<range> removed_unread(std::int64_t offset, std::int64_t low) noexcept;

  /// The reader is at the end of the log. `dropping`: what came before is dropped, and read again. True when a commit would
  /// bring the group further.
  enum class arrivals : std::uint8_t { taken, dropped };
  bool at_end(std::int64_t offset, arrivals before);
  [[nodiscard]] std::optional<std::int64_t> lag(std::int64_t end) const noexcept;

  /// The log ends there, and for who reads what is committed at `stable`; none: who reads everything.
  void log_ends(std::optional<std::int64_t> stable, std::int64_t end, instant now);
  /// That a transaction which nobody has ended keeps from reading on.
  [[nodiscard]] std::optional<stall> open_transaction(std::int32_t number, const std::string& topic) const;

  bool paused = false; ///< its fetching

private:
  bool follows(bool taken, std::int64_t offset, std::size_t print, instant now);
  /// Above the latest record where transactions end.
  [[nodiscard]] std::int64_t next() const noexcept;

  struct open_end {
    std::int64_t stable = 0;
    std::int64_t end = 0;
    instant since;
  };
  stale_leader_recovery recovery_;
  std::optional<std::size_t> latest_; ///< a print of the latest record that was read, by which its log is known again
  std::int64_t seen_end_ = 0;         ///< the latest end of its log
  std::int64_t told_removed_ = 0;     ///< up to where it was told what was removed unread
  std::optional<open_end> open_;      ///< of a log in which a transaction is not ended
  bool begun_anew_ = false;
};

} // namespace troupe::kafka
