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

/// Where a delivery stands in its subscription.
struct delivery_position {
  std::size_t partition = 0;
  std::uint64_t assignment = 0; ///< the number of the partition's assignment: what comes of an earlier one is stale
  std::int64_t offset = 0;
};

/// What every subscription decides of the deliveries in its hands: batches across partitions, what the handler's answers
/// make of them, and what is published elsewhere, dead letters and delayed retries. A transport derives from it what it
/// fetches, marks as handed out, and commits or acknowledges. It does no I/O. One thread at a time; `now` never goes back.
class subscription_work {
public:
  subscription_work(const subscription_work&) = delete;
  subscription_work& operator=(const subscription_work&) = delete;
  virtual ~subscription_work() = default;

  /// The handler's replies to a batch.
  void answered(std::uint64_t number, const replies& answer, instant now);
  /// No answer to it will come.
  void gone(std::uint64_t number, errc why, instant now);

  /// One of these two, or `published`.
  void ended(const batch_outcome& outcome, instant now);
  void ended(const publish_outcome& outcome, instant now) {
    static_cast<void>(published(outcome.ticket, outcome.what, now));
  }

  /// The dead letters to be published now; then call `published` with each ticket.
  std::vector<letter_order> next_letters(instant now, timestamp civil_now);
  /// A dead letter or a retry was published, or was not: then a retry waits here, and a dead letter is ordered again later;
  /// one that will never be taken holds up its key alone. Returns where what could not be published stands.
  std::optional<delivery_position> published(std::uint64_t ticket, const expected<void>& outcome, instant now);

  /// Deliveries in memory that are handed out or parked.
  [[nodiscard]] std::uint64_t unfinished() const noexcept;

  /// What does not go on. Looks at everything in hand.
  [[nodiscard]] stall_list stalls() const;

protected:
  /// Where a batch stands on its way. A transport skips what it does not need.
  enum class stage : std::uint8_t {
    formed,
    reading,  ///< its content is read again
    unmarked, ///< it is to be written down that it is handed out
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

  // What a transport adds.

  /// A delivery is settled.
  virtual void settle(partition& of, std::int64_t offset, instant now);
  /// It is parked for a delayed retry.
  virtual void parked(const delivery_position& /*which*/, instant /*now*/) {}
  /// It is rejected, or its retries are spent.
  virtual void rejected(const delivery_position& which) { to_be_letters_.push_back(which); }
  /// Whether a dead letter that was refused so will never be taken as it is.
  [[nodiscard]] virtual bool never_taken(const failure& why) const { return !is_transient(why.code); }
  /// A parked delivery has gone elsewhere, or has not and waits here.
  virtual void move_ended(const delivery_position& /*which*/, const expected<void>& /*outcome*/, instant /*now*/) {}
  /// The handler is done with a delivery.
  virtual void handler_works() noexcept {}
  /// Something was handed out or settled.
  virtual void changed(instant /*now*/) {}

  // Partitions.

  /// The partition is ours from now on, in a new assignment.
  void assign(std::size_t index, std::unique_ptr<partition> of);
  /// Nothing more of it is handed out, and what has not reached the handler is taken back.
  void leave(std::size_t index, instant now);
  /// It is not ours any more.
  void unassign(std::size_t index);
  [[nodiscard]] std::size_t partition_count() const noexcept {
    return assignments_.size();
  }                                                                                     ///< with those that are not ours
  [[nodiscard]] partition* partition_at(std::size_t index) const noexcept;              ///< null: not ours
  [[nodiscard]] partition* partition_of(const delivery_position& which) const noexcept; ///< null: stale
  [[nodiscard]] bool leaving(std::size_t index) const noexcept { return assignments_[index].leaving; }
  [[nodiscard]] delivery_position position_at(std::size_t index, std::int64_t offset) const noexcept {
    return {index, assignments_[index].number, offset};
  }

  // Batches.

  void form_batches(instant now);
  /// What `form_batches` also does: what is parked and due may be handed out again.
  void tell_time(instant now);
  /// Every batch that is formed may be handed out.
  void release_formed();
  std::optional<hand_out> hand_out_next();
  policies::settlement reply_to(std::uint64_t number, const delivery_position& to, const reply& answer, instant now);
  /// All its items are replied to.
  void batch_over(const replies& answer, instant now);
  void take_back_all(instant now);
  void take_back(std::size_t index, instant now);

  // What is published elsewhere.

  void list_condemned(instant now);
  [[nodiscard]] dead_letter letter_for(const delivery_position& which, instant now, timestamp civil_now) const;
  struct move {
    std::uint64_t ticket = 0;
    delivery_position which;
  };
  /// Parked deliveries that go elsewhere from now on, of those that `to_be_moved_` names; then call `published`.
  std::vector<move> begin_moves();
  /// Whether something is being published, and whether it is of the present assignment of a partition.
  [[nodiscard]] bool publishing() const noexcept { return !publishing_.empty(); }
  [[nodiscard]] bool publishing(std::size_t index) const noexcept;
  /// Deliveries that wait to be moved, or are being moved.
  [[nodiscard]] std::size_t moves() const noexcept { return to_be_moved_.size() + moving_; }

  void consider_due(policies::earliest& due) const;
  [[nodiscard]] std::size_t unsettled() const noexcept;

  batch_table batches_;                          ///< of all partitions together
  std::vector<delivery_position> to_be_letters_; ///< whose dead letters are to be published
  std::vector<delivery_position> to_be_moved_;   ///< parked, and shall wait elsewhere

private:
  struct assignment {
    std::uint64_t number = 0;
    std::unique_ptr<partition> of; ///< null: not ours
    bool leaving = false;
  };
  struct publication {
    delivery_position which;
    enum class kind : std::uint8_t { dead_letter, retry } as = kind::dead_letter;
  };

  void letter_ended(const delivery_position& which, partition& of, const expected<void>& outcome, instant now);
  void retry_ended(const delivery_position& which, partition& of, const expected<void>& outcome, instant now);

  subscription_metrics& counts_;
  const limits limits_;
  const std::string service_;
  std::vector<assignment> assignments_;
  std::uint64_t last_assignment_ = 0;
  std::size_t turn_ = 0;                            ///< the partition whose turn it is
  std::map<std::uint64_t, publication> publishing_; ///< by ticket
  std::uint64_t last_ticket_ = 0;
  std::size_t moving_ = 0;
};

} // namespace troupe::inbound
