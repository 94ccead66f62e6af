#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::kafka {

/// Spawns the administration of the dead letters of these topics. It has a thread of its own, because it waits for the
/// brokers.
///
/// - A dead letter's number encodes its position, and is valid as long as `topics` is the same.
/// - A redrive publishes each message to its topic and marks its dead letter as sent back in one transaction, so that an
///   interruption loses none and repeats none. Of two concurrent redrives the earlier one fails with `conflict`.
/// - A page has at most 1000 dead letters, and a redrive sends at most 1000 back: repeat the request for more.
dead_letters_actor spawn_dead_letters(const spawn_context& context, connection to, std::vector<std::string> topics);

} // namespace troupe::kafka
