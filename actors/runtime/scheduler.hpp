#pragma once

#include <chrono>
#include <cstddef>

#include <troupe/messages/ports/caf.hpp>

namespace troupe {

/// Sets CAF's scheduler as services want it, with that many workers (one per processor at most). Before the actor system is
/// made.
inline void set_scheduler(caf::actor_system_config& config, std::size_t workers) {
  config.set("caf.scheduler.max-threads", workers);
  // Unlimited by default, so that an actor which sends to itself would starve the others.
  config.set("caf.scheduler.max-throughput", std::size_t{300});
  // A worker without work looks for some in a hundred quick turns, then every 50 us for 500 times, then every 10 ms, by
  // default. In the second phase nothing wakes it, and the third costs more than all else at rest. So it goes to sleep after
  // a few turns: what is sent to it wakes it, and only what waits behind another's long handler is found this late.
  config.set("caf.work-stealing.aggressive-poll-attempts", std::size_t{10});
  config.set("caf.work-stealing.moderate-poll-attempts", std::size_t{0});
  config.set("caf.work-stealing.relaxed-sleep-duration", caf::timespan{std::chrono::milliseconds{20}});
}

} // namespace troupe
