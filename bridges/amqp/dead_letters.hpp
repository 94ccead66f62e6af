#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::amqp {

/// Spawns the keeper of the dead letters of these queues. It has a thread of its own, because it waits for the brokers.
///
/// - A dead letter's number tells when it failed and which one it is, so that it holds whatever happens to others. What the
///   broker itself set aside has one too.
/// - While letters are looked at nobody else sees them; they go back to their place at the end, or when we end, however
///   that is. Nothing counts it, save a quorum queue that somebody made: `dead_letter_reader` tells what is done there.
/// - A redrive publishes each message to its queue, and takes its dead letter away when that is confirmed: an interruption
///   between the two repeats one under its own id, and loses none.
/// - A page is read up to 500 letters behind its end, and no further: a queue that holds many takes long to give them and to
///   take them back. One that was set aside so much later than it failed is found when those before it are gone.
/// - A page holds at most 1000 of them, and a redrive moves at most 1000: ask again for more.
dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> queues);

} // namespace troupe::amqp
