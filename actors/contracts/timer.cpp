#include <troupe/actors/contracts/timer.hpp>

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
      service_(spawned.service()),
      actor_(spawned.actor()),
      runs_(watcher_->make_counter("timer_runs_total", "Runs of a timer that have begun.", labels())),
      left_out_(watcher_->make_counter("timer_left_out_total", "Runs that were due while another was under way.", labels())),
      failures_(watcher_->make_counter("timer_failures_total", "Runs that failed.", labels())),
      sender_(self, scope_),
      context_(spawned, config_.links, sender_),
      scope_(self) {}

  source_actor::behavior_type make_behavior() {
    wait();
    return {[this](const drain& order) { return stop(order); }};
  }

private:
  [[nodiscard]] label_list labels() const { return {{"service", service_}, {"actor", actor_}}; }

  void wait() {
    self_->run_delayed(config_.every, [this] { begin(); });
  }

  void begin() {
    if (draining_)
      return;
    wait();
    if (scope_.running() > 0)
      return left_out_.add();
    runs_.add();
    scope_.start(run(number_++), [this](const expected<std::monostate>& outcome) {
      if (outcome.has_error())
        report(to_string(outcome.error()));
      finish_drain();
    });
  }

  task<> run(std::uint64_t number) {
    call_context about;
    about.id = random_uuid(config_.random);
    about.trace = new_trace(config_.random);
    about.answer_by = deadline::after(config_.at_most, self_->clock().now());
    timer_context at{number, std::move(about), context_};
    try {
      co_await config_.run(at);
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
  const std::string service_;
  const std::string actor_;
  counter& runs_;
  counter& left_out_;
  counter& failures_;
  std::uint64_t number_ = 0;
  bool draining_ = false;
  std::optional<caf::typed_response_promise<drained>> drain_promise_;
  scope_call_sender<source_actor::impl> sender_;
  service_context context_;
  task_scope<source_actor::impl> scope_; // goes first: its coroutines use all that is above
};

} // namespace

source_actor spawn_timer(const spawn_context& context, timer_config config) {
  return spawn_supervised<source_actor, timer_state>(context, std::move(config), context);
}

} // namespace troupe
