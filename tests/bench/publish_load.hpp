#pragma once

#include <cstdint>
#include <functional>

#include <troupe/messages/ports/publisher.hpp>

namespace troupe::bench {

/// Messages that are published as fast as they are acknowledged.
struct publish_load {
  std::uint64_t batches = 1000;
  std::uint64_t batch = 100;    ///< messages of one publish
  std::uint64_t in_flight = 16; ///< publishes

  [[nodiscard]] std::uint64_t messages() const noexcept { return batches * batch; }
};

/// Spawns an actor that keeps so many publishes under way. It calls `done` and ends when everything is acknowledged; a
/// message that is not ends the benchmark.
void start_load(caf::actor_system& system, const publisher_actor& to, const publish_load& what, std::function<void()> done);

} // namespace troupe::bench
