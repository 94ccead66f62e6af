#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/store/config.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe::store {

/// Spawns a store that keeps documents in the file. A document whose body is not a JSON object is refused permanently, with
/// the reason; the others of its write are not. It also removes the documents beyond the age and the size, the oldest first,
/// in small steps.
///
/// It ends with `invalid` for a configuration that is wrong.
store_actor spawn_sqlite_store(const spawn_context& context, sqlite::database_ptr database, config limits = {});

} // namespace troupe::store
