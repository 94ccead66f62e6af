#pragma once

#include <functional>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/handler.hpp>

namespace troupe::actors {

/// What an author does with one delivery: gives it its effect and says what came of it. It runs on an actor's thread and
/// must not block. An exception becomes `retry` with `actor_failed`: one bad message never ends the actor.
using delivery_function = std::function<reply(const delivery&)>;

/// Spawns a handler that calls the function for each delivery in order, and keeps the rule of the port: behind a delivery
/// that is not done, later ones of its key stay untouched.
handler_actor spawn_handler(const spawn_context& context, delivery_function handle);

} // namespace troupe::actors
