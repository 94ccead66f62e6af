#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/bridges/inbound/metrics.hpp>
#include <troupe/bridges/inbound/partition.hpp>
#include <troupe/policies/batches.hpp>
#include <troupe/policies/earliest.hpp>

namespace troupe::inbound {

/// The position of a delivery in its subscription.
struct delivery_position {
  std::size_t partition = 0;
  std::uint64_t assignment = 0; ///< the number of the partition's assignment; positions of an earlier one are stale
  std::int64_t offset = 0;
};

/// What every subscription decides about its unsettled deliveries: batches across partitions, the consequences of the
/// handler's replies, and what is published: dead letters and delayed retries. A transport's subclass adds how deliveries
/// are fetched, marked as handed out, and committed or acknowledged. No I/O. One thread at a time; `now` never goes back.
class subscription_work {
public:
  subscription_work(const subscription_work&) = delete;
  subscription_work& operator=(const subscription_work&) = delete;
  virtual ~subscription_work() = default;

  /// The handler's replies to a batch.
  void answered(std::uint64_t number, const replies& answer, instant now);
  /// The request failed: no replies will come.
  void gone(std::uint64_t number, errc why, instant now);

  /// Calls one of the two above, or `published`.
  void ended(const batch_outcome& outcome, instant now);
  void ended(const publish_outcome& outcome, instant now) {
    static_cast<void>(published(outcome.ticket, outcome.outcome, now));
  }

  /// The dead letters to publish now. The caller then calls `published` with each ticket.
  std::vector<letter_order> next_letters(instant now, timestamp civil_now);
  /// A dead letter or a retry was published, or failed: then the retry waits here, and `next_letters` returns the dead
  /// letter again after a backoff. One that is permanently refused holds up only its key. Returns the position if publishing
  /// failed.
  std::optional<delivery_position> published(std::uint64_t ticket, const expected<void>& outcome, instant now);

  /// The number of deliveries that are handed out or parked.
  [[nodiscard]] std::uint64_t unfinished() const noexcept;

  /// What is stalled. Looks at every unsettled delivery.
  [[nodiscard]] stall_list stalls() const;

  /// Sets the age of the oldest unsettled delivery among the metrics: how long it has been in this process.
  void update_oldest(instant now);

protected:
  /// The stages of a batch. A transport skips those that it does not need.
  enum class stage : std::uint8_t {
    formed,
    reading,  ///< its content is read again
    unmarked, ///< that it is handed out is to be recorded
    ready,
    handled,
  };
  using company = policies::company;
  using batch_table = policies::batches<delivery_position, stage>;
  using fit = batch_table::fit;

  struct limits {
    std::size_t batch = 1; ///< deliveries of one batch
    std::size_t batches_in_flight = 1;
  };

  subscription_work(limits most, std::string service, subscription_metrics& metrics);

  // Hooks of the transport.

  /// A delivery is settled, and is to be counted.
  virtual void count_settled() { counts_.settled.add(); }
  /// A delivery is parked for a delayed retry.
  virtual void parked(const delivery_position& /*which*/, instant /*now*/) {}
  /// A delivery is rejected, or its retries are spent.
  virtual void rejected(const delivery_position& which) { to_be_letters_.push_back(which); }
  /// Whether a dead letter that failed with this error is permanently refused.
  [[nodiscard]] virtual bool never_taken(const failure& why) const { return !is_transient(why.code); }
  /// A parked delivery was moved, or could not be moved and waits here.
  virtual void move_ended(const delivery_position& /*which*/, const expected<void>& /*outcome*/, instant /*now*/) {}
  /// The handler has replied `done` to a delivery.
  virtual void handler_works() noexcept {}
  /// Something was handed out or settled.
  virtual void changed(instant /*now*/) {}

  // Partitions.

  /// A new assignment of the partition begins.
  void assign(std::size_t index, std::unique_ptr<partition> of);
  /// Nothing more of it is handed out, and what has not reached the handler is released.
  void leave(std::size_t index, instant now);
  /// The assignment is over.
  void unassign(std::size_t index);
  /// Includes partitions that are not assigned.
  [[nodiscard]] std::size_t partition_count() const noexcept { return assignments_.size(); }
  /// Null if it is not assigned.
  [[nodiscard]] partition* partition_at(std::size_t index) const noexcept;
  /// Null if the position is stale.
  [[nodiscard]] partition* partition_of(const delivery_position& which) const noexcept;
  [[nodiscard]] bool leaving(std::size_t index) const noexcept { return assignments_[index].leaving; }
  [[nodiscard]] delivery_position position_at(std::size_t index, std::int64_t offset) const noexcept {
    return {index, assignments_[index].number, offset};
  }

  // Batches.

  /// Of partitions that are left, only what `partition::take_last` gives.
  void form_batches(instant now);
  /// Sets the time, as `form_batches` also does: parked deliveries that are due may be handed out again.
  void set_time(instant now);
  /// Every formed batch may be handed out.
  void release_formed();
  std::optional<hand_out> hand_out_next();
  policies::settlement reply_to(std::uint64_t number, const delivery_position& to, const reply& answer, instant now);
  /// Every item of a batch has its reply.
  void batch_over(const replies& answer, instant now);
  /// A delivery is settled.
  void settle(partition& of, std::int64_t offset, instant now);
  void take_back_all(instant now);
  void take_back(std::size_t index, instant now);

  // Publishing.

  void list_condemned(instant now);
  [[nodiscard]] dead_letter letter_for(const delivery_position& which, instant now, timestamp civil_now) const;
  struct move {
    std::uint64_t ticket = 0;
    delivery_position which;
  };
  /// Begins to move the parked deliveries in `to_be_moved_`. The caller then calls `published` with each ticket.
  std::vector<move> begin_moves();
  /// Whether something is being published; the second: of the present assignment of a partition.
  [[nodiscard]] bool publishing() const noexcept { return !publishing_.empty(); }
  [[nodiscard]] bool publishing(std::size_t index) const noexcept;
  /// The number of deliveries that wait to be moved or are being moved.
  [[nodiscard]] std::size_t moves() const noexcept { return to_be_moved_.size() + moving_; }

  void consider_due(policies::earliest& due) const;
  [[nodiscard]] std::size_t unsettled() const noexcept;

  batch_table batches_;                          ///< of all partitions together
  std::vector<delivery_position> to_be_letters_; ///< their dead letters are to be published
  std::vector<delivery_position> to_be_moved_;   ///< parked, and to be moved

private:
  struct assignment {
    std::uint64_t number = 0;
    std::unique_ptr<partition> of; ///< null: not assigned
    bool leaving = false;
  };
  struct publication {
    delivery_position which;
    enum class kind : std::uint8_t { dead_letter, retry } as = kind::dead_letter;
  };

  void form_last(instant now);
  void letter_ended(const delivery_position& which, partition& of, const expected<void>& outcome, instant now);
  void retry_ended(const delivery_position& which, partition& of, const expected<void>& outcome, instant now);

  subscription_metrics& counts_;
  const limits limits_;
  const std::string service_;
  std::vector<assignment> assignments_;
  std::uint64_t last_assignment_ = 0;
  std::size_t turn_ = 0;                            ///< the next partition to take from
  std::map<std::uint64_t, publication> publishing_; ///< by ticket
  std::uint64_t last_ticket_ = 0;
  std::size_t moving_ = 0;
};

} // namespace troupe::inbound
