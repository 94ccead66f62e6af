#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::amqp {

/// Spawns a consumer of a queue, beside others of the same queue: it hands messages to the handler, acknowledges what is
/// settled, parks and hands out again what is to be retried, and publishes what is rejected or spent to `dead_letters`,
/// which leads to `dead_letter_queue`.
///
/// - What is parked beyond half the prefetch goes to `delay_queue` of its delay, confirmed before it is acknowledged here:
/// it
///   gives up its place in the order of its key. Nothing is ever given back to be delivered at once.
/// - What was delivered before is handed out alone, so that only the one that ends processes gathers attempts: a quorum
/// queue
///   counts its deliveries. While the queue begins with such ones they are fetched one at a time.
/// - Brokers that are away, queues that are deleted, channels that are closed are waited for. It ends with `invalid` for a
///   configuration that is wrong.
/// - `drain` also ends the connection.
source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters);

} // namespace troupe::amqp
