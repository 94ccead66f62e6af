#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::embedded {

/// Spawns a publisher to a stream or a queue, which is created if it is new. It answers after the commit.
///
/// - A message with a key goes to the partition that Kafka's Java client would choose; those without go to each in turn.
/// - An id may be published twice: duplicates are removed at the store.
/// - A message that is too large is `rejected`, the others of the batch are not. Every other outcome is that of all messages
///   of a batch: `conflict` where the destination exists with other properties, `storage_failed` where the file cannot be
///   written. Beyond the bounds in flight, or of the database, it answers `overloaded`.
/// - It also removes the messages of a stream whose retention is over, in small steps.
///
/// It ends with `invalid` if the configuration is wrong.
publisher_actor spawn_publisher(const spawn_context& context, sqlite::database_ptr database, destination to);

} // namespace troupe::embedded
