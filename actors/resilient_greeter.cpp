#include <troupe/actors/resilient_greeter.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/policies/unit_random.hpp>

namespace troupe::actors {

namespace {

class outbound_metrics {
public:
  outbound_metrics(observer_ptr watcher, std::string service, std::string to)
    : watcher_(std::move(watcher)),
      service_(std::move(service)),
      to_(std::move(to)),
      retries_(make("troupe_outbound_retries_total", "Outbound calls attempted again.")),
      withheld_(make("troupe_outbound_retries_withheld_total", "Retries not made because their budget was spent.")),
      overloaded_(make_refused(errc::overloaded)),
      breaker_open_(make_refused(errc::breaker_open)),
      state_(watcher_->make_gauge("troupe_outbound_breaker_state",
                                  "The circuit breaker of a callee: 0 closed, 1 half open, 2 open.",
                                  {{"service", service_}, {"to", to_}})) {
    show(policies::breaker_state::closed);
  }

  void attempted(errc outcome) {
    auto& cell = attempts_.at(static_cast<std::size_t>(outcome));
    if (cell == nullptr)
      cell = &watcher_->make_counter(
        "troupe_outbound_attempts_total", "Attempts of outbound calls.",
        {{"service", service_}, {"to", to_}, {"outcome", outcome == errc::none ? "success" : to_string(outcome)}});
    cell->add();
  }

  void retried() { retries_.add(); }
  void withheld() { withheld_.add(); }
  void overloaded() { overloaded_.add(); }
  void breaker_open() { breaker_open_.add(); }

  void show(policies::breaker_state state) {
    using policies::breaker_state;
    state_.set(state == breaker_state::closed ? 0 : state == breaker_state::half_open ? 1 : 2);
  }

private:
  counter& make(std::string_view name, std::string_view help) {
    return watcher_->make_counter(name, help, {{"service", service_}, {"to", to_}});
  }
  counter& make_refused(errc reason) {
    return watcher_->make_counter("troupe_outbound_refused_total", "Outbound calls refused without an attempt.",
                                  {{"service", service_}, {"to", to_}, {"reason", to_string(reason)}});
  }

  observer_ptr watcher_;
  std::string service_;
  std::string to_;
  std::array<counter*, static_cast<std::size_t>(errc::internal) + 1> attempts_{}; // made when first needed
  counter& retries_;
  counter& withheld_;
  counter& overloaded_;
  counter& breaker_open_;
  gauge& state_;
};

// One call over all its attempts. At any time exactly one of two things is under way for it, an attempt or the wait for the
// next one, and both end by its deadline.
struct outbound_call {
  greet call;
  caf::typed_response_promise<greeting_answer> promise;
  unsigned retries = 0;
  std::optional<span> attempt = {}; // around the one that is under way
  failure last{errc::none, {}};     // what the attempts before came to
};

using outbound_call_ptr = std::shared_ptr<outbound_call>;

class resilient_greeter_state {
public:
  resilient_greeter_state(greeter_actor::pointer self, resilient_greeter_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      watcher_(context.watcher),
      metrics_(context.watcher, context.service(), config_.name),
      budget_(config_.budget),
      breaker_(config_.breaker),
      usual_(config_.usual),
      random_(context.seed),
      service_(context.service()) {}

  greeter_actor::behavior_type make_behavior() {
    return {[this](greet& call) { return begin(std::move(call)); }};
  }

private:
  caf::result<greeting_answer> begin(greet call) {
    if (in_flight_ >= config_.in_flight) {
      metrics_.overloaded();
      return to_error({errc::overloaded, "too many calls of " + config_.name + " are under way"});
    }
    ++in_flight_;
    auto one =
      std::make_shared<outbound_call>(outbound_call{std::move(call), self_->make_response_promise<greeting_answer>()});
    if (!one->call.answer_by.limited())
      one->call.answer_by = deadline::after(config_.default_deadline, self_->clock().now());
    auto promise = one->promise;
    attempt(one);
    return promise;
  }

  void attempt(const outbound_call_ptr& one) {
    const auto now = self_->clock().now();
    if (one->call.abandoned.stop_requested())
      return end(one, {errc::cancelled, "the caller has left"});
    const auto remaining = one->call.answer_by.remaining(now);
    if (remaining == duration::zero())
      return end(one, {errc::deadline_exceeded, config_.name + " did not answer in time"});
    const auto permit = breaker_.admit(now);
    metrics_.show(breaker_.state());
    if (!permit)
      return turn_away(one);
    if (one->retries == 0)
      budget_.called(now);
    else
      metrics_.retried();
    one->attempt.emplace(watcher_, config_.name, span_kind::client, one->call.trace);
    auto call = one->call;
    call.trace = one->attempt->context();
    requests_.ask<greeting_answer>(
      config_.to, remaining, std::move(call),
      [this, one, permit, now](greeting_answer& answer) {
        usual_.answered(self_->clock().now() - now);
        answered(one, permit, answer);
      },
      [this, one, permit, remaining](const caf::error& why) { failed(one, permit, remaining, to_failure(why)); });
  }

  void answered(const outbound_call_ptr& one, policies::breaker::permit permit, greeting_answer& answer) {
    breaker_.succeeded(permit);
    metrics_.show(breaker_.state());
    if (!answer.complete())
      one->attempt->fail({errc::partial, missing_header(answer.missing)});
    one->attempt.reset();
    metrics_.attempted(answer.complete() ? errc::none : errc::partial);
    --in_flight_;
    one->promise.deliver(std::move(answer));
  }

  // Whether the callee failed, which had `given` to answer; otherwise it is the caller's fault, or ours.
  bool is_theirs(const outbound_call_ptr& one, errc why, duration given) const {
    return !one->call.abandoned.stop_requested() && policies::is_callee_failure(why)
           && (why != errc::deadline_exceeded || usual_.enough(given));
  }

  void failed(const outbound_call_ptr& one, policies::breaker::permit permit, duration given, failure why) {
    const auto now = self_->clock().now();
    const bool theirs = is_theirs(one, why.code, given);
    if (theirs)
      breaker_.failed(permit, why.code, now);
    else
      breaker_.abandoned(permit);
    metrics_.show(breaker_.state());
    metrics_.attempted(why.code);
    log(why, theirs, now);
    one->attempt->fail(why);
    one->attempt.reset();
    one->last = std::move(why);
    if (one->call.abandoned.stop_requested())
      return end(one, {errc::cancelled, "the caller has left"});
    if (!theirs && one->last.code == errc::deadline_exceeded)
      return end(one, one->last);
    const auto delay = policies::outbound_retry_delay(config_.retry, one->last.code, config_.callee, one->retries,
                                                      one->call.answer_by.remaining(now), random_.next());
    // A retry that the breaker would turn away costs no time and no budget.
    if (!delay || breaker_.open_for(now) > *delay)
      return end(one, one->last);
    if (!budget_.admit_retry(now)) {
      metrics_.withheld();
      return end(one, one->last);
    }
    ++one->retries;
    self_->run_delayed(*delay, [this, one] { attempt(one); });
  }

  // The caller gets it too, in a part of the answer that not everybody reads.
  void log(const failure& why, bool theirs, instant now) {
    auto& next = log_next_.at(static_cast<std::size_t>(why.code));
    const bool callers = !theirs && (why.code == errc::deadline_exceeded || why.code == errc::cancelled);
    const bool due = !callers && (!next || now >= *next);
    const auto level = due ? severity::warning : severity::debug;
    if (due)
      next = now + std::chrono::minutes{1};
    if (watcher_->logs(level))
      watcher_->log(level, {service_, config_.name}, "a call of " + config_.name + " failed: " + to_string(why));
  }

  // What was attempted once may have had its effect: then "not attempted" would be wrong.
  void turn_away(const outbound_call_ptr& one) {
    if (one->retries > 0)
      return end(one, one->last);
    metrics_.breaker_open();
    end(one, {errc::breaker_open, config_.name + " keeps failing and is not called for now"});
  }

  void end(const outbound_call_ptr& one, const failure& why) {
    --in_flight_;
    one->promise.deliver(to_error(why));
  }

  greeter_actor::pointer self_;
  requests<greeter_actor::impl> requests_{self_};
  resilient_greeter_config config_;
  observer_ptr watcher_;
  outbound_metrics metrics_;
  policies::retry_budget budget_;
  policies::breaker breaker_;
  policies::usual_time usual_;
  policies::unit_random random_;
  std::size_t in_flight_ = 0;
  std::string service_; // that calls
  std::array<std::optional<instant>, static_cast<std::size_t>(errc::internal) + 1> log_next_{};
};

} // namespace

greeter_actor spawn_resilient_greeter(const spawn_context& context, resilient_greeter_config config) {
  return spawn_supervised<greeter_actor, resilient_greeter_state>(context, std::move(config), context);
}

} // namespace troupe::actors
