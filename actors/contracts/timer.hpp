#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include <troupe/actors/contracts/effect_context.hpp>
#include <troupe/actors/contracts/service.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe {

/// A run of a timer. As a `call` it begins a trace of its own, and its effects have ids of their own. Lives until the run
/// has ended; used on its actor's thread alone.
class timer_context : public effect_context {
public:
  timer_context(std::uint64_t number, call_context context, const service_context& parts)
    : effect_context(std::move(context), parts), number_(number) {}

  /// Of this run, from 0, in this incarnation.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

private:
  std::uint64_t number_;
};

struct timer_config {
  std::function<task<>(timer_context&)> run;
  service_links links;
  duration every = std::chrono::minutes{1};    ///< from the beginning of one run to that of the next
  duration at_most = std::chrono::seconds{30}; ///< for the calls of one run
  random_source random = system_random();
};

/// Spawns an actor that runs a coroutine at an interval, for the first time after one interval. No two runs overlap: a run
/// that is due while another is under way is left out, and counted. A failure or an exception ends its run alone, and is
/// logged. A drain lets the run under way end.
source_actor spawn_timer(const spawn_context& context, timer_config config);

} // namespace troupe
