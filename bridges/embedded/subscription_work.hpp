#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/lane_work.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::embedded {

/// Messages to be read: from a place on, or, for a batch whose bytes are not in memory any more, these.
struct fetch_plan {
  std::size_t lane = 0; ///< its index
  std::int64_t number = 0;
  std::int64_t from = 0;
  std::size_t at_most = 0;
  std::size_t bytes = 0;
};

struct reload_plan {
  std::uint64_t batch = 0;
  std::size_t lane = 0;
  std::int64_t number = 0;
  std::vector<std::int64_t> offsets; ///< the source's
};

using inbound::delivery_position;
using inbound::hand_out;

/// What a subscription decides beside it, for all lanes of its destination: what to read and write down next, with it the
/// dead letters. Its actor asks in turn for `next_fetch`, `next_reload`, `next_write` and `next_hand_out` until they give
/// nothing, does what they say, and tells the outcome. One fetch and one write are under way at a time.
class subscription_work final : public inbound::subscription_work {
public:
  subscription_work(subscription config, reader_name who, std::vector<lane_record> lanes, subscription_metrics& metrics);

  /// `more(lane, from)` tells whether a lane may hold something from there on that this subscription has not fetched.
  using more_in_lane = std::function<bool(std::int64_t lane, std::int64_t from)>;
  std::optional<fetch_plan> next_fetch(instant now, const more_in_lane& more);
  void fetched(const fetch_plan& plan, expected<fetched_messages> what, instant now);

  /// Forms the batches that may be formed; then what has to be read again for one of them, if anything.
  std::optional<reload_plan> next_reload(instant now);
  void reloaded(const reload_plan& plan, expected<std::vector<fetched_message>> what, instant now);

  std::optional<progress> next_write(instant now, timestamp civil_now);
  /// Returns where the deliveries stood that are settled by it, of a queue.
  std::vector<std::int64_t> written(const expected<void>& outcome, instant now);

  std::optional<hand_out> next_hand_out() { return hand_out_next(); }

  /// Hands out nothing more, and takes back what has not reached the handler.
  void drain(instant now);
  /// Whether everything handed out is answered and no write is under way.
  [[nodiscard]] bool idle() const noexcept { return batches_.empty() && !writing_; }
  /// Whether a failed write, which will be repeated, keeps the next one from being tried yet.
  [[nodiscard]] bool must_wait(instant now) const noexcept { return no_write_before_ && now < *no_write_before_; }
  /// What is to be written at last; `mark` tells whether that nothing is handed out any more is part of it.
  std::optional<progress> last_write(lane_work::marking mark, instant now, timestamp civil_now);

  /// What does not go on. Looks at everything in hand.
  [[nodiscard]] stall_list stalls() const;

  /// When to ask again although nothing has happened. What is due by now and still here waits for something that happens.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

private:
  using batch = batch_table::batch;

  [[nodiscard]] lane_work& lane_at(std::size_t index) const noexcept {
    return static_cast<lane_work&>(*partition_at(index));
  }
  [[nodiscard]] lane_work& lane_of(const delivery_position& which) const noexcept { return lane_at(which.partition); }
  [[nodiscard]] fetch_plan plan_fetch(std::size_t lane);
  [[nodiscard]] std::size_t room_in_memory() const noexcept;
  void settle(inbound::partition& of, std::int64_t offset, instant now) override { of.settled(offset, now); }
  void rejected(const delivery_position& which) override { lane_of(which).give_up(which.offset); }
  std::optional<reload_plan> plan_reload(std::uint64_t number, batch& of);
  void settle_unreadable(std::uint64_t number, batch& of, instant now);
  void loaded(std::uint64_t number, instant now);
  [[nodiscard]] bool marked(const batch& what) const;
  std::optional<progress> collect(lane_work::marking mark, instant now, timestamp civil_now);
  void release_marked(const std::vector<std::uint64_t>& numbers);

  const subscription config_;
  const reader_name who_;
  subscription_metrics& metrics_;
  std::size_t fetch_lane_ = 0;
  bool fetching_ = false;
  bool writing_ = false;
  bool draining_ = false;
  std::vector<std::uint64_t> marked_by_write_; ///< the batches that the write under way marks
  std::vector<std::size_t> lanes_in_write_;
  policies::backoff write_backoff_{policies::reconnect_backoff};
  policies::backoff read_backoff_{policies::reconnect_backoff};
  std::optional<instant> no_write_before_;
  std::optional<stall> not_written_; ///< since writes fail
  std::optional<instant> no_read_before_;
};

} // namespace troupe::embedded
