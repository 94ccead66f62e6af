#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>

namespace troupe::embedded {

/// The result of one step of retention.
struct removal {
  std::int64_t messages = 0;
  bool more = false; ///< a partition may hold more that is over
  /// Of these, what a consumer group had not read: not settled, as in `group_standing::lag`.
  std::map<std::string, std::int64_t> unread;
};

/// Removes the oldest messages of a stream whose retention is over, up to `config.keep.step` of each partition. In a write.
expected<removal> remove_expired(sqlite::connection& on, const destination& config, timestamp now);

/// Spawns an actor that does so every `config.keep.every`, and counts what it removes. It does not keep the database open;
/// the caller ends it.
caf::actor spawn_retention(const spawn_context& context, const sqlite::database_ptr& database, destination config);

} // namespace troupe::embedded
