#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::amqp {

/// Spawns an actor that lists, shows and redrives the dead letters of these queues. It has a thread of its own, because it
/// waits for the brokers.
///
/// - The number of a dead letter is derived from the time of its failure and from the letter, so it does not change with
///   others. Letters that the broker itself moved have one too.
/// - While letters are read they are not visible to others. They return to their position at the end, also if the process
///   ends. Only a quorum queue that an operator created counts this: see `dead_letter_reader`.
/// - A redrive publishes each message to its queue and removes its dead letter after the confirm. An interruption between
///   the two repeats one message under the same id, and loses none.
/// - A page is read up to 500 letters beyond its end, because a long queue takes long to read and to return. A letter that
///   was set aside so much later than it failed is listed when those before it are gone.
/// - A page contains at most 1000 letters, and a redrive moves at most 1000: repeat the request for more.
dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> queues);

} // namespace troupe::amqp
