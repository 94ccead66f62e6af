#pragma once

#include <vector>

#include <troupe/bridges/sqlite/retention.hpp>
#include <troupe/bridges/store/config.hpp>
#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::store {

/// Whether a document can be stored: `stored`, or `refused` with the reason. Pure.
written_document judge(const document& source, const config& limits);

/// Stores each document that is not there yet. Returns `stored` or `duplicate` for each. In a write.
expected<std::vector<write_outcome>> insert(sqlite::connection& on, const std::vector<document>& documents, timestamp now);

/// Removes the oldest documents beyond the age or the size, up to `limits.step`. In a write.
expected<sqlite::removal> remove_expired(sqlite::connection& on, const config& limits, timestamp now);

} // namespace troupe::store
