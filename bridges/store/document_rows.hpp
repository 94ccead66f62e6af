#pragma once

#include <cstdint>
#include <vector>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/bridges/store/config.hpp>
#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::store {

/// Whether a document may be stored at all: `stored`, or `refused` with why. Pure.
written_document judge(const document& source, const config& limits);

/// Stores each document that is not there yet, and returns which of them were. In a write.
expected<std::vector<write_outcome>> insert(sqlite::connection& on, const std::vector<document>& documents, timestamp now);

/// Removes the oldest documents that are too old, or while all of them are too many bytes, up to `limits.step`. Returns how
/// many. In a write.
expected<std::int64_t> remove_expired(sqlite::connection& on, const config& limits, timestamp now);

} // namespace troupe::store
