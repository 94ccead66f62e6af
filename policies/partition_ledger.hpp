#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <troupe/messages/values/dead_letter.hpp>
#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/stall.hpp>
#include <troupe/policies/crash_suspicion.hpp>
#include <troupe/policies/key_order.hpp>
#include <troupe/policies/offset_map.hpp>
#include <troupe/policies/offset_queue.hpp>
#include <troupe/policies/redelivery.hpp>
#include <troupe/policies/timetable.hpp>
#include <troupe/policies/watermark.hpp>

namespace troupe::policies {

/// What a reply makes of a delivery.
enum class settlement : std::uint8_t {
  settled,     ///< acknowledge it at the source (a stream: commit `watermark()` when it is due)
  parked,      ///< comes again after a delay
  dead_letter, ///< publish its dead letter now, then call `dead_letter_acknowledged` or `dead_letter_failed`
  released,    ///< may be handed out again; no attempt was counted
  stale,       ///< nothing is in that state here: discard and count it
};

/// What the span limit counts.
enum class source_kind : std::uint8_t {
  stream, ///< offsets from the first unsettled one on: settled ones behind it are handled again after a restart
  queue,  ///< unsettled deliveries: each is acknowledged by itself
};

/// Everything an inbound bridge decides for one partition or queue: what may be handed out, what a reply means, when a
/// parked delivery returns, what may be committed. It does no I/O: the bridge keeps the deliveries' bytes by offset and
/// drives it on one thread, synchronously. `now` never goes back. One that is revoked is thrown away; whose settlement a
/// late one is, the bridge knows.
///
/// In a loop: `fetched` while `wants_more`; publish the dead letters that `condemned` lists; hand out what `take` gives;
/// give each reply to `replied`, in the batch's order; sleep until `next_due` at most.
///
/// Per key, a delivery waits until those before it are settled; only within one batch may several of a key be in flight, in
/// order (the handler stops at the first that is not done). No operation costs more than O(log n) amortised per delivery.
class partition_ledger {
public:
  /// `first_offset` is where reading begins: the committed offset.
  partition_ledger(redelivery_config config, std::int64_t first_offset, source_kind kind = source_kind::stream);

  /// After an unclean end: see `crash_suspicion`. While a suspect is in flight, write `attempts_to_record` durably before it
  /// reaches the handler.
  void suspect_until(std::int64_t end) noexcept { suspicion_.suspect_until(end); }
  [[nodiscard]] bool suspect_in_flight() const noexcept { return suspicion_.suspect_in_flight(); }

  /// How many more deliveries to fetch at most. Zero while the source must pause: its span is at its limit, or dead letters
  /// cannot be published.
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] bool wants_more() const noexcept { return room() > 0; }

  /// A delivery has arrived, in rising order of offsets. `attempts_before` counts how often it was handed out in earlier
  /// lives of the process, `answered_before` how many of these got an answer, as recorded with the commit or reported by
  /// the broker. False, and nothing is changed, when its offset is not above all before: a duplicate, to be dropped.
  bool fetched(std::int64_t offset, const std::optional<std::string>& key, std::uint32_t attempts_before, instant now,
               std::uint32_t answered_before = 0);

  /// A stream's reader has passed offsets below `next` where there is nothing to deliver.
  void skipped_to(std::int64_t next) noexcept { watermark_.skipped_to(next); }

  /// A delivery that has just arrived had its attempts elsewhere, and waits until then for the next one.
  void park(std::int64_t offset, instant due);

  /// A delivery that has just arrived may have been waiting for its next attempt in an earlier life, which had answered its
  /// latest one: then it waits its whole delay again, because neither a restart nor a rebalance ends a delay.
  void resume_delay(std::int64_t offset, instant now);

  /// What to hand out now, at most `credit`, lowest offsets first; it is in flight from here on.
  [[nodiscard]] std::vector<std::int64_t> take(std::size_t credit, instant now);

  /// The same of what stands before a delivery that is settled, suspects apart. Where a stream is left, all else may go on
  /// at its next reader; but what is settled behind the watermark would be handled there again.
  [[nodiscard]] std::vector<std::int64_t> take_gaps(std::size_t credit, instant now);

  /// The dead letters to publish now that no reply has asked for: of deliveries condemned unseen, and of those whose
  /// publication failed and whose backoff is over. Each is listed once; then call `dead_letter_acknowledged` or
  /// `dead_letter_failed`.
  [[nodiscard]] std::vector<std::int64_t> condemned(instant now);

  /// What the handler made of one delivery in flight. A reply that still has results is a `reject`: the publisher of results
  /// has taken them out before.
  settlement replied(std::int64_t offset, const reply& answer, instant now);

  /// The dead letter is durable where it went: now the delivery is settled. `stale` when none was being published.
  settlement dead_letter_acknowledged(std::int64_t offset);

  /// It could not be published: the delivery stays unsettled, `condemned` lists it again after a backoff of 100 ms to 10 s,
  /// and `take` and `room` give nothing until it could.
  void dead_letter_failed(std::int64_t offset, const failure& why, instant now);

  /// It will never be taken as it is, for its size perhaps: the delivery stays unsettled and holds up what is behind it in
  /// its key, and the watermark, and nothing else: the span begins behind it. `condemned` lists it again after
  /// `refused_letter_pause`, because an operator may have raised a limit meanwhile.
  void dead_letter_refused(std::int64_t offset, const failure& why, instant now);
  static constexpr std::chrono::seconds refused_letter_pause{10};

  /// The bridge moves a parked delivery to equally durable storage (a confirmed delay queue, a retry topic): until the
  /// outcome is known, it does not come again. False when it is not parked.
  bool move_begins(std::int64_t offset);

  /// The move succeeded: the delivery is settled here, and leaves the order of its key. `stale` when it was not being moved.
  settlement moved(std::int64_t offset);

  /// The move failed: the delivery waits here until it is due.
  void move_failed(std::int64_t offset, const failure& why, instant now);

  /// No answer will come for these deliveries in flight: nothing is known of them, they are released in order,
  /// and `take` gives nothing for a backoff of 100 ms to 10 s. `why` is what the bridge's request got. With `actor_failed`
  /// they become suspect, and one that was in flight alone has an attempt counted: `process_ending_attempts` of these
  /// condemn it.
  void handler_gone(std::span<const std::int64_t> offsets, instant now, errc why = errc::unavailable);

  /// The offset to commit: the next one to read.
  [[nodiscard]] std::int64_t watermark() const noexcept { return watermark_.position(); }

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  /// Whether `take` gives nothing for a while because a handler was gone.
  [[nodiscard]] bool quiet() const noexcept { return quiet_until_.has_value(); }
  [[nodiscard]] std::size_t unsettled() const noexcept { return watermark_.unsettled(); }
  /// When the unsettled delivery arrived that has been here the longest.
  [[nodiscard]] std::optional<instant> oldest_arrival() const noexcept;
  [[nodiscard]] std::size_t parked() const noexcept { return parked_.size() + moving_; } ///< or being moved
  [[nodiscard]] bool is_parked(std::int64_t offset) const noexcept;

  /// How often an unsettled delivery was handed out before its present or next time: `delivery::attempts`.
  [[nodiscard]] std::uint32_t attempts(std::int64_t offset) const noexcept { return count_of(offset).attempts; }

  /// The same, and how many of these attempts were answered.
  [[nodiscard]] attempt_count count_of(std::int64_t offset) const noexcept { return suspicion_.count_of(offset); }

  /// Why and when an unsettled delivery failed, for its dead letter; empty when it did not. Valid until the next change.
  [[nodiscard]] const failure_record& failures(std::int64_t offset) const noexcept;

  /// As `crash_suspicion::to_record`.
  [[nodiscard]] std::vector<attempted> attempts_to_record(std::size_t limit = 100) const {
    return suspicion_.to_record(limit);
  }

  /// What has kept unsettled deliveries from going on for the longest time, of each reason. Looks at all of them.
  [[nodiscard]] stall_list stalls() const;

  /// When time alone will change what `take` or `condemned` give: call both then, even without credit.
  [[nodiscard]] std::optional<instant> next_due() const noexcept;

private:
  enum class stage : std::uint8_t { waiting, in_flight, parked, moving, condemned, publishing };
  enum class letter : std::uint8_t { not_tried, failed, refused };
  enum class candidacy : std::uint8_t { none, queue };

  struct entry {
    stage at = stage::waiting;
    letter publication = letter::not_tried;
    candidacy candidate = candidacy::none; ///< whether `candidates_` names it
    std::uint64_t batch = 0;               ///< the latest it was handed out in
    instant arrived{};
    instant when{}; ///< parked or being moved: when it is due; in flight: handed out; publishing: since when
    std::unique_ptr<failure_record> record;
  };

  void wake(instant now);
  [[nodiscard]] std::size_t allowance(std::size_t credit) const noexcept;
  std::vector<std::int64_t> take_while(const std::function<bool(std::int64_t)>& wanted, std::size_t credit, instant now);
  [[nodiscard]] bool may_go(std::int64_t offset, const entry& item) const noexcept;
  void hand_out(std::int64_t offset, entry& item, instant now);
  void come_back(std::int64_t offset) noexcept;
  void release(std::int64_t offset, entry& item);
  void name_candidate(std::optional<std::int64_t> offset);
  static void note_failure(entry& item, const failure& why, instant now);
  static void note_refusal(entry& item, const failure& why, instant since);
  [[nodiscard]] static std::optional<stall> stall_of(const entry& item);
  void park(std::int64_t offset, entry& item, instant due);
  settlement park_or_give_up(std::int64_t offset, entry& item, instant now);
  static settlement give_up(entry& item, instant now) noexcept;
  void condemn(std::int64_t offset, entry& item, instant due);
  void lose(std::int64_t offset, entry& item, instant now, errc why, std::size_t together);
  void settle(std::int64_t offset);

  redelivery_config config_;
  source_kind kind_;
  crash_suspicion suspicion_;
  policies::watermark watermark_;
  key_order keys_;
  offset_map<entry> entries_;          ///< every unsettled delivery
  offset_queue candidates_;            ///< what `take` looks at; every one that may go is among them
  timetable parked_;                   ///< by due time
  timetable condemned_;                ///< dead letters to be published, by due time
  std::optional<instant> quiet_until_; ///< the backoff after a handler was gone
  std::optional<stall> no_handler_;    ///< since it was gone, until one answers
  unsigned handlers_gone_ = 0;         ///< in a row
  unsigned publications_failed_ = 0;   ///< in a row
  std::size_t letters_failing_ = 0;    ///< without those that are refused
  std::size_t moving_ = 0;
  std::size_t in_flight_ = 0;
  std::uint64_t batch_ = 0;
  std::int64_t settled_end_ = 0; ///< behind the highest that is settled
};

} // namespace troupe::policies
