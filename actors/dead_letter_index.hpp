#pragma once

#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::actors {

/// Spawns one keeper of dead letters in front of several. Each of its numbers includes which of them it belongs to, and is
/// valid as long as they are the same in the same order. One that does not answer fails a request that concerns all of them.
dead_letters_actor spawn_dead_letter_index(const spawn_context& context, std::vector<dead_letters_actor> keepers);

} // namespace troupe::actors
