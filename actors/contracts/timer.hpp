#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include <troupe/actors/contracts/bound_function.hpp>
#include <troupe/actors/contracts/effect_context.hpp>
#include <troupe/actors/contracts/service.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe {

/// A run of a timer. As a `call` it begins a trace of its own. Its effects have ids of their own, or, of a schedule, those
/// of the time at which it was due, so that several processes that run it have the same effects. Lives until the run has
/// ended; used on its actor's thread alone.
class timer_context : public effect_context {
public:
  timer_context(std::uint64_t number, timestamp due, call_context context, const service_context& parts)
    : effect_context(std::move(context), parts), number_(number), due_(due) {}

  /// Of this run, from 0, in this incarnation.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// The time of a schedule at which it was due; of an interval, when it began.
  [[nodiscard]] timestamp due() const noexcept { return due_; }

private:
  std::uint64_t number_;
  timestamp due_;
};

/// A run of a timer.
using timer_task = std::function<task<>(timer_context&)>;

/// Makes what an incarnation of a timer runs; on its actor's thread. What it throws ends the incarnation.
using timer_task_maker = std::function<timer_task(service_context&)>;

struct timer_config {
  timer_task_maker make;
  service_links links;
  duration first = std::chrono::minutes{1}; ///< from its start to the beginning of its first run
  duration every = std::chrono::minutes{1}; ///< from the beginning of one run to that of the next
  /// The first time after that one at which it is due; null: it is due at an interval.
  std::function<timestamp(timestamp)> next = {};
  duration at_most = std::chrono::seconds{30}; ///< for the calls of one run
  wall_clock clock = system_now;
  random_source random = system_random();
};

/// Spawns an actor that runs a coroutine at an interval, or at the times of a schedule. Times of a schedule that pass while
/// nothing runs it are left out; several that pass while its process is suspended are one. No two runs overlap: a run
/// that is due while another is under way is left out, and counted. A failure or an exception ends its run alone, and is
/// logged. A drain lets the run under way end.
source_actor spawn_timer(const spawn_context& context, timer_config config);

namespace coroutines {

template <class Function>
task<> run_function(Function& run, timer_context& at) {
  if constexpr (std::is_void_v<std::invoke_result_t<Function&, timer_context&>>) {
    run(at);
    co_return;
  } else {
    co_await run(at);
  }
}

template <class Function>
timer_task timer_of(Function function, const service_context& context) {
  return [bound = bind_function<1>(std::move(function), context)](timer_context& at) { return run_function(*bound, at); };
}

} // namespace coroutines

/// Runs a function or a coroutine of `timer_context&` and of what it uses.
template <class Function>
timer_task_maker runs(Function run) {
  return [run = std::move(run)](service_context& context) { return coroutines::timer_of(run, context); };
}

/// Runs the `operator()` of a class that is made once for each incarnation, of a `service_context&` or of nothing.
template <class Run>
timer_task_maker runs_by() {
  return [](service_context& context) { return coroutines::timer_of(coroutines::made_function<Run>{context}, context); };
}

} // namespace troupe
