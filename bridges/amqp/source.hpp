#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::amqp {

/// Spawns a consumer of a queue, which may have others. It passes messages to the handler, acknowledges what is settled,
/// parks what is to be retried and hands it out again, and publishes what is rejected, or has no retries left, to
/// `dead_letters`, which leads to `dead_letter_queue`.
///
/// - What is parked beyond half the prefetch moves to the `delay_queue` of its delay and leaves the order of its key. It is
///   acknowledged here after the confirm. Nothing is ever returned to the queue to be delivered again at once.
/// - What was delivered before is handed out alone, because a quorum queue counts every delivery, and only the one that ends
///   processes must accumulate attempts. While such messages are at the head of the queue they are fetched one at a time.
/// - It waits for brokers that are away, for queues that are deleted and for channels that are closed. With an invalid
///   configuration it ends with `invalid`.
/// - `drain` also closes the connection.
source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters);

} // namespace troupe::amqp
