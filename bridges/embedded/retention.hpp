#pragma once

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/retention.hpp>

namespace troupe::embedded {

/// Removes the oldest messages of a stream whose retention is over, up to `config.keep.step` of each partition. `unread` is
/// what a group has not settled, as in `group_standing::lag`. In a write.
expected<sqlite::removal> remove_expired(sqlite::connection& on, const destination& config, timestamp now);

/// Spawns the actor that does so every `config.keep.every`, and counts what it removes. The caller ends it.
caf::actor spawn_retention(const spawn_context& context, const sqlite::database_ptr& database, const destination& config);

} // namespace troupe::embedded
