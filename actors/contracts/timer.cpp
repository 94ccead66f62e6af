#include <troupe/actors/contracts/timer.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>

#include <troupe/messages/values/identifier.hpp>

namespace troupe {

namespace {

class timer_state {
public:
  timer_state(source_actor::pointer self, timer_config config, const spawn_context& spawned)
    : self_(self),
      config_(std::move(config)),
      watcher_(spawned.watcher),
      path_(spawned.path),
      service_(spawned.service()),
      actor_(spawned.actor()),
      runs_(watcher_->make_counter("timer_runs_total", "Runs of a timer that have begun.", labels())),
      left_out_(watcher_->make_counter("timer_left_out_total", "Runs that were due while another was under way.", labels())),
      failures_(watcher_->make_counter("timer_failures_total", "Runs that failed.", labels())),
      sender_(self, scope_),
      context_(spawned, config_.links, sender_),
      run_(config_.make(context_)),
      scope_(self) {}

  source_actor::behavior_type make_behavior() {
    if (config_.next)
      wait_for_next();
    else
      wait(config_.first);
    return {[this](const drain& order) { return stop(order); }};
  }

private:
  [[nodiscard]] label_list labels() const { return {{"service", service_}, {"actor", actor_}}; }

  void wait(duration time) {
    self_->run_delayed(time, [this] { begin(); });
  }

  void begin() {
    if (draining_)
      return;
    wait(config_.every);
    begin_run(config_.clock());
  }

  void wait_for_next() {
    due_ = config_.next(config_.clock());
    wait_until_due();
  }

  // Looks at the clock on the wall again and again, because it may be set.
  void wait_until_due() {
    constexpr duration longest = std::chrono::minutes{1};
    const auto left = std::chrono::duration_cast<duration>(due_ - config_.clock());
    self_->run_delayed(std::clamp(left, duration::zero(), longest), [this] {
      if (draining_)
        return;
      if (config_.clock() < due_)
        return wait_until_due();
      const auto due = due_;
      wait_for_next();
      begin_run(due);
    });
  }

  void begin_run(timestamp due) {
    if (scope_.running() > 0)
      return left_out_.add();
    runs_.add();
    scope_.start(run(number_++, due), [this](const expected<std::monostate>& outcome) {
      if (outcome.has_error())
        report(to_string(outcome.error()));
      finish_drain();
    });
  }

  task<> run(std::uint64_t number, timestamp due) {
    call_context about;
    about.id = config_.next ? derived_uuid(to_rfc3339(due), *path_) : random_uuid(config_.random);
    about.trace = new_trace(config_.random);
    about.answer_by = deadline::after(config_.at_most, self_->clock().now());
    timer_context at{number, due, std::move(about), context_};
    try {
      co_await run_(at);
    } catch (const call_failed&) {
      throw;
    } catch (const std::exception& problem) {
      report(problem.what());
    }
  }

  void report(const std::string& why) {
    failures_.add();
    watcher_->log(severity::warning, {service_, actor_}, "a run of the timer failed: " + why);
  }

  caf::result<drained> stop(const drain& order) {
    draining_ = true;
    if (scope_.running() == 0)
      return drained{0};
    drain_promise_ = self_->make_response_promise<drained>();
    self_->run_delayed(order.at_most, [this] { finish_drain(); });
    return *drain_promise_;
  }

  void finish_drain() {
    if (!drain_promise_)
      return;
    drain_promise_->deliver(drained{scope_.running()});
    drain_promise_.reset();
  }

  source_actor::pointer self_;
  const timer_config config_;
  observer_ptr watcher_; // owns the counters
  std::shared_ptr<const std::string> path_;
  const std::string service_;
  const std::string actor_;
  counter& runs_;
  counter& left_out_;
  counter& failures_;
  std::uint64_t number_ = 0;
  bool draining_ = false;
  timestamp due_; // of a schedule, the next one
  std::optional<caf::typed_response_promise<drained>> drain_promise_;
  scope_call_sender<source_actor::impl> sender_;
  service_context context_;
  timer_task run_;
  task_scope<source_actor::impl> scope_; // goes first: its coroutines use all that is above
};

} // namespace

source_actor spawn_timer(const spawn_context& context, timer_config config) {
  return spawn_supervised<source_actor, timer_state>(context, std::move(config), context);
}

} // namespace troupe
