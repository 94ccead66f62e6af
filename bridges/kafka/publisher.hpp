#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::kafka {

/// Spawns a publisher to a topic: an idempotent producer that waits for all replicas in sync.
///
/// - A message that certainly did not arrive is answered with why; one that may have arrived with `outcome_unknown`.
/// - Beyond the bounds in flight it answers `overloaded` at once, save that it takes one `publish` of any size while nothing
///   is in flight. What the brokers find too large is `rejected`.
/// - It creates no topic: what is for one that is not there is answered with that.
/// - Brokers that are away are waited for, as long as `acknowledged_within` allows. It ends with `invalid` for a
/// configuration
///   that is wrong, and with `unavailable` when its client cannot go on, so that its supervisor gives it a new one.
publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config);

} // namespace troupe::kafka
