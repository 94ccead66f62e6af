#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::store {

/// The number of documents in a collection. Waits for the reading thread: for tests and tools, not for actors.
expected<std::int64_t> count(sqlite::database& in, const std::string& database, const std::string& collection);

/// The document with that id, if it is there. Waits for the reading thread: for tests and tools, not for actors.
expected<std::optional<document>> find(sqlite::database& in, const std::string& database, const std::string& collection,
                                       const std::string& id);

} // namespace troupe::store
