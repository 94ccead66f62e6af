#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/policies/offset_map.hpp>
#include <troupe/policies/partition_ledger.hpp>

namespace troupe::inbound {

/// The deliveries of one assignment of a partition, or of a queue in one session: the ledger, which decides, and what only
/// the transport knows. `take` polls and `settled` settles. Owned by the thread of its subscription.
class partition {
public:
  explicit partition(policies::partition_ledger ledger) : ledger_(std::move(ledger)) {}
  partition(const partition&) = delete;
  partition& operator=(const partition&) = delete;
  virtual ~partition() = default;

  /// A message that has arrived was published then, as its transport says. In rising order of offsets.
  void published(std::int64_t offset, timestamp when) { published_.append(offset, when); }
  /// That time, once; none where the transport says nothing.
  [[nodiscard]] std::optional<timestamp> take_published(std::int64_t offset) {
    const auto* const found = published_.find(offset);
    const auto result = found != nullptr ? std::optional{*found} : std::nullopt;
    published_.erase(offset);
    return result;
  }

  policies::partition_ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] const policies::partition_ledger& ledger() const noexcept { return ledger_; }

  /// The deliveries to hand out now, as `partition_ledger::take`.
  [[nodiscard]] virtual std::vector<std::int64_t> take(std::size_t credit, instant now) { return ledger_.take(credit, now); }

  /// The same while it is left: what must be handled here too. Nothing where each settlement is noted by itself.
  [[nodiscard]] virtual std::vector<std::int64_t> take_last(std::size_t /*credit*/, instant /*now*/) { return {}; }

  /// The unsettled delivery as its handler receives it.
  [[nodiscard]] virtual delivery delivery_at(std::int64_t offset) = 0;

  /// When it first failed, if that was before this assignment.
  [[nodiscard]] virtual std::optional<timestamp> failed_before(std::int64_t /*offset*/) const { return std::nullopt; }

  /// The delivery is settled: the transport acknowledges or commits it later, and drops it.
  virtual void settled(std::int64_t offset, instant now) = 0;

  /// Its dead letter is permanently refused.
  virtual void refused(std::int64_t /*offset*/) {}

  /// It was taken and comes back without an attempt: it waits again.
  virtual void released(std::int64_t /*offset*/) {}

private:
  policies::partition_ledger ledger_;
  policies::offset_map<timestamp> published_; ///< of unsettled deliveries
};

} // namespace troupe::inbound
