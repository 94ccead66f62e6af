#pragma once

#include <chrono>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/greeter.hpp>

#include "quota.hpp"

namespace miniature {

struct turnstile_config {
  troupe::greeter_actor to;
  quota_config quota;
  /// For a call that came without a deadline.
  troupe::duration default_deadline = std::chrono::seconds{5};
};

/// Spawns a greeter that stands in front of another one: calls within the quota are passed on as they are, others are
/// answered `overloaded` at once, and counted.
troupe::greeter_actor spawn_turnstile(const troupe::spawn_context& context, turnstile_config config);

} // namespace miniature
