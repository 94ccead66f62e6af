#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/policies/partition_ledger.hpp>

namespace troupe::inbound {

/// What a transport has in hand of one assignment of a partition, or of a queue in one session: the ledger, which decides,
/// and beside it what only the transport knows. `take` polls it and `settled` settles; the thread of its subscription owns
/// it.
class partition {
public:
  explicit partition(policies::partition_ledger ledger) : ledger_(std::move(ledger)) {}
  partition(const partition&) = delete;
  partition& operator=(const partition&) = delete;
  virtual ~partition() = default;

  policies::partition_ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] const policies::partition_ledger& ledger() const noexcept { return ledger_; }

  /// What to hand out now, as `partition_ledger::take`.
  [[nodiscard]] virtual std::vector<std::int64_t> take(std::size_t credit, instant now) { return ledger_.take(credit, now); }

  /// The unsettled delivery as its handler gets it.
  [[nodiscard]] virtual delivery delivery_at(std::int64_t offset) = 0;

  /// When it failed first, if that was before it came here.
  [[nodiscard]] virtual std::optional<timestamp> failed_before(std::int64_t /*offset*/) const { return std::nullopt; }

  /// It is settled: the transport acknowledges or commits it in its time, and forgets it.
  virtual void settled(std::int64_t offset, instant now) = 0;

  /// Its dead letter will never be taken as it is.
  virtual void refused(std::int64_t /*offset*/) {}

  /// It was to be handed out, and is waiting again.
  virtual void released(std::int64_t /*offset*/) {}

private:
  policies::partition_ledger ledger_;
};

} // namespace troupe::inbound
