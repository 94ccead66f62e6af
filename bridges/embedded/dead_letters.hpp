#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::embedded {

/// Spawns the administration of the dead letters of every stream and queue of the file. A page holds at most 1000 of them,
/// and a redrive moves at most 1000: repeat it for more. A redrive wakes the subscriptions.
dead_letters_actor spawn_dead_letters(const spawn_context& context, sqlite::database_ptr database);

} // namespace troupe::embedded
