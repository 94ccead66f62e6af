#include "measured_system.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/actors/runtime/scheduler.hpp>
#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/drain.hpp>

#include "figure.hpp"

namespace troupe::bench {

caf::actor_system_config& prepared(caf::actor_system_config& config) {
  telemetry::measure_actors(config);
  set_scheduler(config, std::max(1U, std::thread::hardware_concurrency()));
  return config;
}

void settle(caf::actor_system& system, const source_actor& source) {
  using namespace std::chrono_literals;
  caf::scoped_actor here{system};
  ask(here.ptr(), source, 60s, drain{50s})
    .receive(
      [](const drained& left) {
        if (left.unfinished > 0)
          give_up("not everything was settled");
      },
      [](const caf::error& why) { give_up(to_string(why)); });
}

std::string id_of(std::uint64_t number) {
  std::array<char, 40> text{};
  const auto length =
    std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012llu", static_cast<unsigned long long>(number));
  return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace troupe::bench
