#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::kafka {

/// Spawns the keeper of the dead letters of these topics. It has a thread of its own, because it waits for the brokers.
///
/// - A dead letter's number tells where it stands; it holds as long as the topics here are the same.
/// - A redrive publishes each message to its topic and marks its dead letter as sent back in one transaction, so that an
///   interruption loses none and repeats none. Two redrives at once exclude each other: the earlier one fails with
///   `conflict`.
/// - A page holds at most 1000 of them, and a redrive moves at most 1000: ask again for more.
dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> topics);

} // namespace troupe::kafka
