#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/bridges/kafka/commit_schedule.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/kafka/metrics.hpp>
#include <troupe/bridges/kafka/partition_reading.hpp>

namespace troupe::kafka {

using inbound::delivery_position;
using inbound::hand_out;
using inbound::letter_order;

/// A delivery that is to wait in the topic of retries; its outcome comes with the ticket.
struct retry_order {
  std::uint64_t ticket = 0;
  retry_record record;
};

/// Decides for all partitions that a member owns what to commit, what to pause, and where to read. The member's thread
/// reports what happened, then calls `next_letters`, `next_retries`, `next_commit` and `next_hand_out` until they return
/// nothing. One commit is under way at a time.
class subscription_work : public inbound::subscription_work {
public:
  subscription_work(subscription config, std::string service, subscription_metrics& metrics);

  // Assignment.

  /// The partition is owned from now on, in a new epoch.
  void gained(std::int32_t partition, position from);
  /// The partition will be given up: no more of its deliveries are handed out, and those that have not reached the handler
  /// are taken back.
  void leaves(std::int32_t partition, instant now);
  void all_leave(instant now);
  /// Whether the deliveries of the leaving partitions that were handed out are answered, and their dead letters published.
  [[nodiscard]] bool settled_down() const noexcept;
  /// The last commit of the leaving partitions.
  [[nodiscard]] std::vector<commit_entry> last_commit();
  /// The partition is not owned any more: replies to its deliveries are stale.
  void given_up(std::int32_t partition, instant now);
  [[nodiscard]] std::vector<std::int32_t> owned() const;

  // Reading.

  /// The present assignment of a partition; null: not owned.
  [[nodiscard]] partition_reading* at(std::int32_t partition) const noexcept {
    return at(static_cast<std::size_t>(partition));
  }
  /// Null also while records that arrive are dropped: the partition's next owner will read them, or this reader will again.
  [[nodiscard]] partition_reading* reading(std::int32_t partition) const noexcept;
  /// Whether more messages are wanted at all.
  [[nodiscard]] bool wants_more() const noexcept;
  /// The partitions whose fetching must pause or go on; returns each change once.
  struct flow {
    std::vector<std::int32_t> pause;
    std::vector<std::int32_t> resume;
  };
  flow next_flow();
  /// A record has arrived, in a topic of retries with its retry headers. True when it shows that the partition's log has
  /// begun anew.
  bool fetched(std::int32_t partition, std::int64_t offset, message content, instant now,
               std::optional<waiting_retry> retry = {});
  /// The same for a retry of another group.
  bool passed(std::int32_t partition, std::int64_t offset, const message& content, instant now);
  /// Every message before that offset has been fetched: once they are settled, the group's position is that offset.
  void end_reached(std::int32_t partition, std::int64_t offset, instant now);
  /// The partition's log ends at `end`, and at `stable` for readers of committed messages: there begins a transaction that
  /// is not ended.
  void log_ends(std::int32_t partition, std::int64_t stable, std::int64_t end, instant now);

  /// The partitions in which the reader must now seek to an offset (see `stale_leader_recovery`), or to the beginning of a
  /// log that has begun anew. Records that arrive before that are dropped.
  struct seek {
    std::int32_t partition = 0;
    std::optional<std::int64_t> offset; ///< none: the beginning
  };
  std::vector<seek> next_seeks(instant now);

  // Settling.

  std::vector<retry_order> next_retries(instant now, timestamp civil_now);
  /// Empty: nothing to commit now.
  std::vector<commit_entry> next_commit(instant now);
  void committed(const expected<void>& outcome, instant now);

  std::optional<hand_out> next_hand_out(instant now);

  /// The deliveries and partitions that do not make progress. Looks at everything in memory.
  [[nodiscard]] stall_list stalls() const;

  /// When to call again although nothing has happened.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

protected:
  using assignment = partition_reading;

  [[nodiscard]] assignment* at(const delivery_position& which) const noexcept {
    return static_cast<assignment*>(partition_of(which));
  }
  [[nodiscard]] assignment* at(std::size_t index) const noexcept { return static_cast<assignment*>(partition_at(index)); }
  /// The commit of a partition whose deliveries were settled, if it would change anything; it is under way then.
  std::optional<commit_entry> begin_commit(std::int32_t partition, partition_work::pressing why);
  /// The deliveries of a partition before that offset are committed, or not there any more.
  virtual void forget_before(std::int32_t /*partition*/, std::int64_t /*offset*/) {}

  const subscription config_;

private:
  /// Calls `visit(partition, assignment)` for each owned partition.
  template <class Visitor>
  void for_each_owned(const Visitor& visit) const {
    for (std::size_t index = 0; index < partition_count(); ++index)
      if (auto* const each = at(index))
        visit(static_cast<std::int32_t>(index), *each);
  }
  void begin_anew(std::int32_t partition, instant now);
  [[nodiscard]] bool marked(const delivery_position& item, company wants) const noexcept;
  void release_marked();
  [[nodiscard]] bool waits_for_mark(std::int32_t partition) const noexcept;
  void parked(const delivery_position& which, instant now) override;
  void changed(instant now) override;
  void update_gauges();

  subscription_metrics& metrics_;
  std::vector<delivery_position> committing_; ///< the partitions whose commit is under way
  commit_schedule commits_;
};

} // namespace troupe::kafka
