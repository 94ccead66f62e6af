#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>
#include <troupe/bridges/inbound/partition.hpp>
#include <troupe/policies/offset_map.hpp>

namespace troupe::embedded {

/// The deliveries of one partition that a subscription has in hand: the ledger, the bytes that were read ahead, and the
/// changes that are to be written. Offsets are the ledger's: those of a stream are the source's own, those of a queue count
/// what this subscription fetched, because a queue may return what another subscription left. A value; the subscription's
/// actor owns it.
class partition_work final : public inbound::partition {
public:
  partition_work(partition_record from, const subscription& config);

  [[nodiscard]] const stored_partition& stored() const noexcept { return stored_; }

  /// The next offset to be read, of a stream.
  [[nodiscard]] std::int64_t cursor() const noexcept { return cursor_; }

  [[nodiscard]] std::vector<std::int64_t> take(std::size_t credit, instant now) override;
  /// Once: its bytes are not in memory any more.
  [[nodiscard]] delivery delivery_at(std::int64_t offset) override;
  void settled(std::int64_t offset, instant now) override;
  void released(std::int64_t offset) override { taken_.erase(offset); }

  /// Whether everything that was read ahead waits behind a parked delivery of its key, so that more must be read for the
  /// other keys to go on.
  [[nodiscard]] bool starved() const noexcept { return starved_ && ledger().parked() > 0; }

  /// Forgets the bytes that were read ahead: they are read again when their turn comes.
  void drop_bytes();

  /// Deliveries whose bytes are in memory.
  [[nodiscard]] std::size_t read_ahead() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::int64_t read_ahead_bytes() const noexcept { return bytes_held_; }

  void fetched(fetched_messages found, instant now);

  /// The offset of the delivery at the source.
  [[nodiscard]] std::int64_t source_offset(std::int64_t offset) const;
  [[nodiscard]] origin origin_of(std::int64_t offset) const { return {source_, stored_.number, source_offset(offset)}; }

  /// The content of a delivery that `take` returned, or why it cannot be read; null: it must be read again, for `reloaded`.
  [[nodiscard]] const expected<message>* read(std::int64_t offset) const noexcept;
  void reloaded(std::int64_t offset, expected<message> content) { taken_.insert_or_assign(offset, std::move(content)); }

  /// Whether it is written that the delivery is handed out.
  [[nodiscard]] bool marked(std::int64_t offset) const { return source_offset(offset) < written_.handed_out; }

  /// The delivery becomes a dead letter, which is written with the next progress.
  void give_up(std::int64_t offset);

  /// Adds the changes that are to be written, if there are any. Fetched deliveries are marked as handed out along with them;
  /// `asked`: even when there is nothing else; `cleared`: nothing is handed out any more. One at a time: then call `written`
  /// or `not_written`.
  enum class marking : std::uint8_t { along, asked, cleared };
  enum class collected : std::uint8_t { nothing, something };
  collected collect(progress& into, marking mark, instant now, timestamp civil_now);

  /// The deliveries that a write settled: when each was published, and their offsets if the partition is a queue.
  struct settlements {
    std::vector<std::optional<timestamp>> published;
    std::vector<std::int64_t> queue_offsets;
  };

  /// The collected changes are durable.
  settlements written();

  /// They are not; they will be collected again.
  void not_written(const failure& why, instant now);

private:
  void keep_bytes(std::int64_t offset);
  void collect_attempts(partition_progress& into);
  void collect_letters(progress& into, instant now, timestamp civil_now) const;
  [[nodiscard]] bool differs(const partition_progress& next, marking mark) const noexcept;

  const std::string source_;
  const destination_kind kind_;
  const stored_partition stored_;
  const std::int64_t suspect_until_;
  policies::offset_map<expected<message>> bytes_;
  std::int64_t bytes_held_ = 0;
  std::unordered_map<std::int64_t, expected<message>> taken_;    ///< of deliveries on their way to the handler
  bool starved_ = false;                                         ///< the latest `take` found less than it was asked for
  std::unordered_map<std::int64_t, std::int64_t> queue_offsets_; ///< of a queue: the ledger's offsets to the source's
  std::int64_t cursor_;
  std::int64_t next_local_ = 0;
  std::int64_t fetched_end_ = 0; ///< above the source's offset of everything fetched

  std::vector<std::int64_t> done_;    ///< of a queue: source offsets to be removed
  std::vector<std::int64_t> letters_; ///< to be set aside
  std::set<std::int64_t> settled_ahead_;
  std::vector<std::optional<timestamp>> settled_since_; ///< settled and not written: when each was published

  using attempt_table = std::map<std::int64_t, policies::attempt_count>; // by the source's offset
  policies::earlier_attempts earlier_attempts_;                          ///< of deliveries that are not fetched yet
  attempt_table recorded_;                                               ///< as written

  partition_progress written_; ///< as written: positions only
  struct under_way {
    partition_progress position;
    attempt_table recorded;
    std::vector<std::int64_t> letters;
    std::vector<std::optional<timestamp>> settled;
  };
  std::optional<under_way> under_way_;
};

} // namespace troupe::embedded
