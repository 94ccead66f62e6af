#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe::mongodb {

/// Spawns a store that keeps documents in MongoDB: each in its own database and collection, with its id as `_id`, written
/// with a majority's acknowledgement unless the connection string says otherwise.
///
/// - A document whose id exists already is a duplicate, whatever it holds. One that no server can accept, because it is no
///   JSON object, too large, or violates a rule of the collection, is refused with the reason; the others of its write are
///   not.
/// - While servers are away it answers `unavailable` or `deadline_exceeded`, at once where this is known, and reconnects for
///   ever.
/// - Beyond the bounds in flight it answers `overloaded` at once, unless nothing is in flight.
///
/// It ends with `invalid` for a configuration that is wrong.
store_actor spawn_store(const spawn_context& context, config settings);

} // namespace troupe::mongodb
