#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/bridges/kafka/commit_schedule.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/kafka/metrics.hpp>
#include <troupe/bridges/kafka/partition_reading.hpp>
#include <troupe/bridges/kafka/transaction.hpp>

namespace troupe::kafka {

using inbound::delivery_position;
using inbound::hand_out;
using inbound::letter_order;

/// A delivery that is to wait in the topic of retries; its outcome is told by the ticket.
struct retry_order {
  std::uint64_t ticket = 0;
  retry_record what;
};

/// What a member of a group decides beside it for all partitions it owns: what to commit, what to pause, where to read. The
/// member's thread tells what happened, then asks in turn for `next_letters`, `next_retries`, `next_commit`, `next_hand_out`
/// until they give nothing. One commit is under way at a time.
class subscription_work final : public inbound::subscription_work {
public:
  subscription_work(subscription config, std::string service, subscription_metrics& metrics);

  /// The partition is ours from now on, in a new epoch.
  void gained(std::int32_t partition, position from);
  /// It will go: nothing more of it is handed out, and what has not reached the handler is taken back.
  void leaves(std::int32_t partition, instant now);
  void all_leave(instant now);
  /// Whether what was handed out of the partitions that are leaving is answered, and their dead letters are published.
  [[nodiscard]] bool settled_down() const noexcept;
  /// What to commit of the partitions that are leaving, at last.
  [[nodiscard]] std::vector<commit_entry> last_commit();
  /// It is not ours any more: what comes of it from now on is stale.
  void given_up(std::int32_t partition, instant now);
  [[nodiscard]] std::vector<std::int32_t> owned() const;
  /// The next offset to be read of a partition that is ours.
  [[nodiscard]] std::int64_t read_end(std::int32_t partition) const noexcept { return at(partition)->read_end(); }

  /// Whether more messages are wanted at all, and whose fetching shall pause or go on: each change is told once.
  [[nodiscard]] bool wants_more() const noexcept;
  struct flow {
    std::vector<std::int32_t> pause;
    std::vector<std::int32_t> resume;
  };
  flow next_flow();
  /// A record has arrived, in a topic of retries with what makes it one. True when it shows that the partition's log has
  /// begun anew.
  bool fetched(std::int32_t partition, std::int64_t offset, message content, instant now,
               std::optional<waiting_retry> retry = {});
  /// The same of a retry of another group.
  bool passed(std::int32_t partition, std::int64_t offset, const message& content, instant now);
  /// What stood before `offset`, which is about to be told by `fetched`, `passed` or `end_reached`, and was removed before
  /// it was read. `low` is where the log begins now. Offsets that hold no message, such as those that compaction or
  /// transactions leave, are none of it. Each offset is told once.
  using range = partition_reading::range;
  std::optional<range> removed_unread(std::int32_t partition, std::int64_t offset, std::int64_t low) noexcept;
  /// Whether something may have been.
  [[nodiscard]] bool leaves_out(std::int32_t partition, std::int64_t offset) const noexcept;
  /// There is nothing before that offset which was not fetched: where all of that is settled, the group has come so far.
  void end_reached(std::int32_t partition, std::int64_t offset, instant now);
  /// The latest fetch told that the partition's log ends at `end`, and at `stable` for who reads what is committed: there
  /// stands the beginning of a transaction that nobody has ended.
  void log_ends(std::int32_t partition, std::int64_t stable, std::int64_t end, instant now);
  /// Messages of a partition whose log ends there that are not settled; none while it is not known where reading begins.
  [[nodiscard]] std::optional<std::int64_t> lag(std::int32_t partition, std::int64_t end) const noexcept;
  /// Whether nothing of that partition is wanted at present.
  [[nodiscard]] bool paused(std::int32_t partition) const noexcept;

  /// The readers to be led elsewhere now: back to an offset (see `stale_leader_recovery`), or to the beginning of a log that
  /// is another one. What arrives before that is dropped.
  struct place_to_read {
    std::int32_t partition = 0;
    std::optional<std::int64_t> offset; ///< none: the beginning
  };
  std::vector<place_to_read> next_returns(instant now);

  std::vector<retry_order> next_retries(instant now, timestamp civil_now);
  /// Empty: nothing to commit now.
  std::vector<commit_entry> next_commit(instant now);
  void committed(const expected<void>& outcome, instant now);

  std::optional<hand_out> next_hand_out(instant now);

  /// Where settlements are transactions, instead of `answered` and `next_letters`: what to carry out now, if anything; then
  /// call `committed`. What it speaks of counts as settled here already, so that after a failure its partitions are to be
  /// given up, and gained again from what is committed.
  ///
  /// Of each partition these are the deliveries from the first unsettled one on that are done or set aside. One behind a
  /// delivery that is neither is handed out again: its results would become visible before its offset could.
  std::optional<transaction> concluded(std::uint64_t number, replies what, instant now, timestamp civil_now);
  std::optional<transaction> next_burial(instant now, timestamp civil_now);
  /// The brokers will never take a result of this delivery: it is set aside when it is handed out again.
  void condemn(const origin& which, failure why);

  /// What does not go on. Looks at everything in hand.
  [[nodiscard]] stall_list stalls() const;

  /// When to ask again although nothing has happened.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

private:
  using assignment = partition_reading;

  [[nodiscard]] assignment* at(std::int32_t partition) const noexcept { return at(static_cast<std::size_t>(partition)); }
  [[nodiscard]] assignment* at(const delivery_position& which) const noexcept {
    return static_cast<assignment*>(partition_of(which));
  }
  [[nodiscard]] assignment* at(std::size_t index) const noexcept { return static_cast<assignment*>(partition_at(index)); }
  /// Null also where what arrives is dropped: it will be read again, by whoever has the partition then.
  [[nodiscard]] assignment* reading(std::int32_t partition) const noexcept;
  /// Calls `visit(partition, assignment)` for each that is ours.
  template <class Visitor>
  void for_each_owned(const Visitor& visit) const {
    for (std::size_t index = 0; index < partition_count(); ++index)
      if (auto* const each = at(index))
        visit(static_cast<std::int32_t>(index), *each);
  }
  void rewound(std::int32_t partition, instant now);
  [[nodiscard]] bool marked(const delivery_position& what, company wants) const noexcept;
  void release_marked();
  [[nodiscard]] bool waits_for_mark(std::int32_t partition) const noexcept;
  void parked(const delivery_position& which, instant now) override;
  void changed(instant now) override;
  [[nodiscard]] bool is_first(const delivery_position& what) const noexcept;
  [[nodiscard]] reply as_told(const delivery_position& of, reply what);
  void bury(const delivery_position& which, instant now, timestamp civil_now, transaction& into);
  [[nodiscard]] std::optional<transaction> with_offsets(transaction what, const std::set<std::int32_t>& settled);
  void tell_numbers();

  const subscription config_;
  subscription_metrics& metrics_;
  std::map<std::pair<std::int32_t, std::int64_t>, failure> no_results_; ///< what `condemn` told, until that is committed
  std::vector<delivery_position> committing_;                           ///< whose commit is under way
  commit_schedule commits_;
};

} // namespace troupe::kafka
