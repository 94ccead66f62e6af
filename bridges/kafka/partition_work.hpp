#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/bridges/inbound/partition.hpp>
#include <troupe/bridges/kafka/commit_note.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/kafka/retry_record.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/policies/offset_map.hpp>

namespace troupe::kafka {

/// Where a group stands in a partition, as Kafka keeps it.
struct position {
  std::optional<std::int64_t> committed; ///< none: the group was never here
  commit_note note;
};

/// What to commit of one partition.
struct commit_entry {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  commit_note note;

  friend bool operator==(const commit_entry&, const commit_entry&) = default;
};

/// A record of a topic of retries that is wanted, and when.
struct waiting_retry {
  retry_record record; ///< without its message
  instant due;
};

/// One assignment of a partition: the ledger, the contents of what is unsettled, and what Kafka knows of it. A value; the
/// member's thread owns it.
class partition_work : public inbound::partition {
public:
  partition_work(std::int32_t number, position from, const subscription& config);

  /// A record has arrived, in a topic of retries with what makes it one. False, and nothing is changed, when it stands
  /// before `read_end`.
  bool fetched(std::int64_t offset, message&& content, instant now, std::optional<waiting_retry> retry = {});
  /// The same of one that is nothing to us.
  bool passed(std::int64_t offset);

  /// The next offset to be read, as far as is known.
  [[nodiscard]] std::int64_t read_end() const noexcept { return read_end_; }

  /// Whether it is known where reading begins.
  [[nodiscard]] bool placed() const noexcept { return placed_; }

  [[nodiscard]] std::vector<std::int64_t> take(std::size_t credit, instant now) override;
  [[nodiscard]] delivery delivery_at(std::int64_t offset) override;
  [[nodiscard]] std::optional<timestamp> failed_before(std::int64_t offset) const override;
  void settled(std::int64_t offset, instant now) override;
  /// What it weighs pauses nothing, up to a limit of its own.
  void refused(std::int64_t offset) override;

  /// The log ends there, and nothing below is to come. True when a commit would bring the group further.
  bool end_reached(std::int64_t offset);

  /// Deliveries that could be handed out, as far as is known; zero where all of them wait behind one of their key that is
  /// parked or refused.
  [[nodiscard]] std::size_t ready() const noexcept;

  /// Whether fetching of this partition shall pause: too much of it is unsettled.
  [[nodiscard]] bool full() const noexcept { return !ledger().wants_more() || weight() >= bytes_limit_; }
  /// Whether it may go on after that: half of it is settled.
  [[nodiscard]] bool roomy() const noexcept { return ledger().room() >= span_limit_ / 2 && weight() <= bytes_limit_ / 2; }

  /// Whether Kafka knows that the delivery may have been handed out, whatever becomes of the commit under way.
  [[nodiscard]] bool marked(std::int64_t offset) const noexcept { return offset < certain_reach_; }

  /// The same of the attempt that begins when this suspect is handed out.
  [[nodiscard]] bool noted(std::int64_t offset) const noexcept;

  /// How much of a change a commit must bring to be worth it.
  enum class pressing : std::uint8_t {
    any,  ///< its time has come
    much, ///< only as many settled deliveries as are committed at once
    mark, ///< something waits to be marked as handed out
    last, ///< nothing is handed out any more
  };

  /// What to commit, if anything. Then call `committed` or `not_committed`; one at a time, save that the last one may
  /// overtake another.
  std::optional<commit_entry> collect(pressing why);
  void committed();
  void not_committed() noexcept; ///< or nobody knows

private:
  struct held_message {
    message content;
    std::unique_ptr<const retry_record> before;
  };

  /// Of what is refused only what is beyond sixteen times the limit: some of the largest messages that brokers take.
  [[nodiscard]] std::size_t weight() const noexcept { return bytes_ - std::min(refused_bytes_, 16 * bytes_limit_); }

  [[nodiscard]] commit_note note_now(pressing why) const;
  [[nodiscard]] std::int64_t beyond() const noexcept; ///< room for what is handed out until the next commit

  const std::string topic_;
  const std::int32_t number_;
  const std::size_t bytes_limit_;
  const std::size_t span_limit_;
  const std::int64_t commit_after_;
  const std::int64_t least_beyond_;
  const std::int64_t most_beyond_;
  const std::int64_t suspect_end_; ///< up to where an earlier process may have handed out; 0: nothing is suspect
  policies::offset_map<std::unique_ptr<const held_message>> contents_; ///< apart: the map's places are moved and emptied
  std::size_t bytes_ = 0;
  std::size_t refused_bytes_ = 0; ///< of those
  std::set<std::int64_t> refused_;
  bool starved_ = false;                        ///< the latest `take` found less than it was asked for
  policies::earlier_attempts earlier_attempts_; ///< of what is not fetched yet
  std::int64_t read_end_;
  std::int64_t taken_end_;        ///< above everything handed out
  std::int64_t taken_end_before_; ///< the same at the latest commit
  bool placed_;                   ///< whether it is known where reading begins
  position known_;                ///< as Kafka has it, or had before the commit under way
  std::optional<commit_entry> under_way_;
  std::int64_t certain_reach_ = 0;
  bool in_doubt_ = false; ///< a commit failed: Kafka may have what is known, or what that one said
};

} // namespace troupe::kafka
