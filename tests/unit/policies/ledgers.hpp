#pragma once

// Ledgers and the replies that they are given.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/policies/partition_ledger.hpp>

#include "sequences.hpp"

namespace troupe_test {

using offsets = std::vector<std::int64_t>;

inline const troupe::reply done{troupe::verdict::done, {troupe::errc::none, {}}};
inline const troupe::reply retry{troupe::verdict::retry, {troupe::errc::unavailable, "the store is away"}};
inline const troupe::reply reject{troupe::verdict::reject, {troupe::errc::rejected, "no such colour"}};
inline const troupe::reply untouched{troupe::verdict::untouched, {troupe::errc::none, {}}};
inline const troupe::failure away{troupe::errc::unavailable, "the broker is away"};
inline const troupe::failure too_large{troupe::errc::rejected, "too large"};

/// More than what any of the ledgers here has in flight.
inline const offsets everything{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

/// A ledger over offsets 0, 1, 2, ... with these keys; an empty one is none.
inline troupe::policies::partition_ledger ledger_of(const std::vector<std::string>& keys,
                                                    troupe::policies::redelivery_config config = {}) {
  troupe::policies::partition_ledger ledger{std::move(config), 0};
  std::int64_t offset = 0;
  for (const auto& key : keys)
    ledger.fetched(offset++, key.empty() ? std::nullopt : std::optional{key}, 0, at(std::chrono::seconds{0}));
  return ledger;
}

inline void settle(troupe::policies::partition_ledger& ledger, const offsets& which) {
  for (const auto offset : which)
    CAF_CHECK(ledger.replied(offset, done, at(std::chrono::seconds{0})) == troupe::policies::settlement::settled);
}

} // namespace troupe_test
