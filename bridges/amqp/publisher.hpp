#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::amqp {

/// Spawns a publisher to a queue or an exchange: persistent and mandatory messages, each answered when the broker has
/// confirmed it.
///
/// - A message that certainly did not arrive is answered with why (one that no queue takes with `unavailable`, because the
///   queue may be made a moment later); one that was sent and not confirmed, with `outcome_unknown`.
/// - Beyond the bounds in flight it answers `overloaded` at once.
/// - Brokers that are away, and alarms by which they block publishers, are waited for, as long as `acknowledged_within`
///   allows. It ends with `invalid` for a configuration that is wrong.
publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config);

} // namespace troupe::amqp
