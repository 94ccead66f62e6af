#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::amqp {

/// Spawns a publisher to a queue or an exchange. Messages are persistent and mandatory; each is answered when the broker has
/// confirmed it.
///
/// - A message that certainly did not arrive is answered with the reason: with `unavailable` if no queue accepts it, because
///   the queue may be created a moment later. One that was sent and not confirmed is answered with `outcome_unknown`.
/// - Beyond the bounds in flight the answer is `overloaded` at once.
/// - It waits for brokers that are away or block publishers under an alarm, for at most `acknowledged_within`. With an
///   invalid configuration it ends with `invalid`.
publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config);

} // namespace troupe::amqp
