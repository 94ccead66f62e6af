#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::kafka {

/// Spawns a publisher to a topic: an idempotent producer that waits for all replicas in sync.
///
/// - A message that has certainly not arrived is answered with the reason; one that may have arrived with `outcome_unknown`.
/// - Beyond the bounds in flight it answers `overloaded` at once, except that it accepts one `publish` of any size while
///   nothing is in flight. A message that the brokers find too large is `rejected`.
/// - It creates no topic: a message for a missing topic is answered with that failure.
/// - It waits for brokers that are away, as long as `acknowledged_within` allows. It ends with `invalid` for a wrong
///   configuration, and with `unavailable` when its client cannot go on, so that its supervisor restarts it.
publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config);

} // namespace troupe::kafka
