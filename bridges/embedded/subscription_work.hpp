#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/partition_work.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::embedded {

/// Messages of a partition to be read.
struct fetch_plan {
  std::size_t index = 0;
  std::int64_t partition_id = 0;
  std::int64_t from = 0;
  std::size_t at_most = 0;
  std::size_t bytes = 0;
};

/// Messages of a batch that are to be read again, because their bytes are not in memory any more.
struct reload_plan {
  std::uint64_t batch = 0;
  std::size_t index = 0;
  std::int64_t partition_id = 0;
  std::vector<std::int64_t> offsets; ///< the source's
};

using inbound::delivery_position;
using inbound::hand_out;

/// The work of a subscription on all partitions of its destination: it decides what to read and to write next, dead letters
/// included. Its actor calls `next_fetch`, `next_reload`, `next_write` and `next_hand_out` in turn until they return
/// nothing, executes what they return, and passes on the outcome. One fetch and one write are under way at a time.
class subscription_work final : public inbound::subscription_work {
public:
  subscription_work(subscription config, reader_name reader, std::vector<partition_record> partitions,
                    subscription_metrics& metrics);

  /// `more(partition_id, from)` returns whether the partition may hold messages from that offset on that this subscription
  /// has not fetched.
  using more_in_partition = std::function<bool(std::int64_t partition_id, std::int64_t from)>;
  std::optional<fetch_plan> next_fetch(instant now, const more_in_partition& more);
  void fetched(const fetch_plan& plan, expected<fetched_messages> found, instant now);

  /// Forms the batches that may be formed; then returns the messages to be read again for one of them, if any.
  std::optional<reload_plan> next_reload(instant now);
  void reloaded(const reload_plan& plan, expected<std::vector<fetched_message>> found, instant now);

  std::optional<progress> next_write(instant now, timestamp civil_now);
  /// Returns the offsets of the deliveries that it settles, of a queue.
  std::vector<std::int64_t> written(const expected<void>& outcome, instant now);

  std::optional<hand_out> next_hand_out() { return hand_out_next(); }

  /// Hands out nothing more, and takes back the batches that have not reached the handler.
  void drain(instant now);
  /// Whether everything handed out is answered and no write is under way.
  [[nodiscard]] bool idle() const noexcept { return batches_.empty() && !writing_; }
  /// Whether a failed write, which will be repeated, keeps the next one from being tried yet.
  [[nodiscard]] bool must_wait(instant now) const noexcept { return no_write_before_ && now < *no_write_before_; }
  /// The last write; with `marking::cleared` it also writes that nothing is handed out any more.
  std::optional<progress> last_write(partition_work::marking mark, instant now, timestamp civil_now);

  /// Of a stream, the messages that are not settled; `end_of` returns the end of the partition with that id.
  [[nodiscard]] std::size_t lag(const std::function<std::int64_t(std::int64_t partition_id)>& end_of) const;

  /// What holds deliveries up. Looks at everything in hand.
  [[nodiscard]] stall_list stalls() const;

  /// When to call again although nothing has happened.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

private:
  using batch = batch_table::batch;

  [[nodiscard]] partition_work& work_at(std::size_t index) const noexcept {
    return static_cast<partition_work&>(*partition_at(index));
  }
  [[nodiscard]] partition_work& work_of(const delivery_position& which) const noexcept { return work_at(which.partition); }
  [[nodiscard]] fetch_plan plan_fetch(std::size_t index);
  [[nodiscard]] std::size_t room_in_memory() const noexcept;
  void count_settled() override {} // when it is durable
  void rejected(const delivery_position& which) override { work_of(which).give_up(which.offset); }
  std::optional<reload_plan> plan_reload(std::uint64_t number, batch& of);
  void settle_unreadable(std::uint64_t number, batch& of, instant now);
  void loaded(std::uint64_t number, instant now);
  [[nodiscard]] bool marked(const batch& one) const;
  std::optional<progress> collect(partition_work::marking mark, instant now, timestamp civil_now);
  void release_marked(const std::vector<std::uint64_t>& numbers);

  const subscription config_;
  const reader_name reader_;
  subscription_metrics& metrics_;
  std::size_t fetch_index_ = 0;
  bool fetching_ = false;
  bool writing_ = false;
  bool draining_ = false;
  std::vector<std::uint64_t> marked_by_write_; ///< the batches that the write under way marks
  std::vector<std::size_t> written_partitions_;
  policies::backoff write_backoff_{policies::reconnect_backoff};
  policies::backoff read_backoff_{policies::reconnect_backoff};
  std::optional<instant> no_write_before_;
  std::optional<stall> not_written_; ///< since writes fail
  std::optional<instant> no_read_before_;
};

} // namespace troupe::embedded
