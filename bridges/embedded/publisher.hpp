#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::embedded {

/// Spawns a publisher to a stream or a queue, which is made if it is new. It answers after the commit.
///
/// - A message with a key goes to the partition that Kafka's Java client would choose; one without goes round.
/// - An id may be published twice: duplicates are the store's business.
/// - A message that is too large is `rejected`, the others of the batch are not. An error speaks of all of them: `conflict`
///   where the destination exists with other properties, `overloaded` where too much waits for the database.
/// - It also removes what the stream's retention is over for, in small steps.
///
/// It ends with `invalid` for a configuration that is wrong.
publisher_actor spawn_publisher(const spawn_context& context, sqlite::database_ptr database, destination to);

} // namespace troupe::embedded
