#include "measured_system.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/messages/ports/scheduler.hpp>

namespace troupe::bench {

caf::actor_system_config& prepared(caf::actor_system_config& config) {
  telemetry::measure_actors(config);
  set_scheduler(config, std::max(1U, std::thread::hardware_concurrency()));
  return config;
}

std::string id_of(std::uint64_t number) {
  std::array<char, 40> text{};
  const auto length =
    std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012llu", static_cast<unsigned long long>(number));
  return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace troupe::bench
