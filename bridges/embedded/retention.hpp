#pragma once

#include <cstdint>

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/embedded/lanes.hpp>
#include <troupe/bridges/sqlite/connection.hpp>

namespace troupe::embedded {

/// Removes the oldest messages of a stream whose retention is over, up to `config.keep.step` of each partition. Returns how
/// many: where it is the whole step, there may be more. In a write.
expected<std::int64_t> remove_expired(sqlite::connection& on, const destination& config, timestamp now);

} // namespace troupe::embedded
