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

/// A record of a topic of retries for this group, and when it is due.
struct waiting_retry {
  retry_record record; ///< without its message
  instant due;
};

/// One assignment of a partition: the ledger, the contents of unsettled deliveries, and the state of the commits. A value;
/// the member's thread owns it.
class partition_work : public inbound::partition {
public:
  partition_work(std::int32_t number, position from, const subscription& config);

  /// A record has arrived, in a topic of retries with its retry headers. False, and nothing is changed, when its offset is
  /// before `read_end`.
  bool fetched(std::int64_t offset, message&& content, instant now, std::optional<waiting_retry> retry = {});
  /// The same for a record that is not for this group.
  bool passed(std::int64_t offset);

  /// The next offset to be read, as far as is known.
  [[nodiscard]] std::int64_t read_end() const noexcept { return read_end_; }

  /// Whether it is known where reading begins.
  [[nodiscard]] bool positioned() const noexcept { return positioned_; }

  [[nodiscard]] std::vector<std::int64_t> take(std::size_t credit, instant now) override;
  [[nodiscard]] std::vector<std::int64_t> take_last(std::size_t credit, instant now) override {
    return ledger().take_gaps(credit, now);
  }
  [[nodiscard]] delivery delivery_at(std::int64_t offset) override;
  [[nodiscard]] std::optional<timestamp> failed_before(std::int64_t offset) const override;
  void settled(std::int64_t offset, instant now) override;
  /// Its bytes do not pause the partition, up to a separate limit.
  void refused(std::int64_t offset) override;

  /// The log ends there, and nothing before it is to come. True when a commit would advance the group's position.
  bool end_reached(std::int64_t offset);

  /// Deliveries that could be handed out, as far as is known; zero where all of them wait behind a parked or refused
  /// delivery of their key.
  [[nodiscard]] std::size_t ready() const noexcept;

  /// Whether fetching of this partition must pause: too much of it is unsettled.
  [[nodiscard]] bool full() const noexcept { return !ledger().wants_more() || weight() >= bytes_limit_; }
  /// Whether it may go on after that: half of the limit is free.
  [[nodiscard]] bool roomy() const noexcept { return ledger().room() >= span_limit_ / 2 && weight() <= bytes_limit_ / 2; }

  /// Whether Kafka's note covers the delivery as handed out, whatever the outcome of the commit under way.
  [[nodiscard]] bool marked(std::int64_t offset) const noexcept { return offset < certain_reach_; }

  /// The same for the attempt that begins when this suspect is handed out.
  [[nodiscard]] bool noted(std::int64_t offset) const noexcept;

  /// Which change a commit must bring to be worth its cost.
  enum class pressing : std::uint8_t {
    any,  ///< its time has come
    much, ///< only as many settled deliveries as are committed at once
    mark, ///< a delivery waits to be marked as handed out
    last, ///< no delivery will be handed out any more
  };

  /// The commit to make, if any. Then call `committed` or `not_committed`; one at a time, except that the last one may
  /// overtake another.
  std::optional<commit_entry> collect(pressing why);
  void committed();
  void not_committed() noexcept; ///< or the outcome is unknown

private:
  struct held_message {
    message content;
    std::unique_ptr<const retry_record> before;
  };

  /// Counts refused deliveries only beyond sixteen times the limit: a few of the largest messages that brokers accept.
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
  const std::int64_t suspect_end_; ///< above what an earlier process may have handed out; 0: nothing is suspect
  policies::offset_map<std::unique_ptr<const held_message>> contents_; ///< by pointer, because the map moves its elements
  std::size_t bytes_ = 0;
  std::size_t refused_bytes_ = 0; ///< of these
  std::set<std::int64_t> refused_;
  bool starved_ = false;                        ///< the latest `take` found less than it was asked for
  policies::earlier_attempts earlier_attempts_; ///< of deliveries that are not fetched yet
  std::int64_t read_end_;
  std::int64_t taken_end_;        ///< above everything handed out
  std::int64_t taken_end_before_; ///< the same at the latest commit
  bool positioned_;               ///< whether it is known where reading begins
  position known_;                ///< Kafka's, or its state before the commit under way
  std::optional<commit_entry> under_way_;
  std::int64_t certain_reach_ = 0;
  bool in_doubt_ = false; ///< a commit failed: Kafka may have `known_` or that commit
};

} // namespace troupe::kafka
