#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/fault_switch.hpp>
#include <troupe/policies/retry.hpp>
#include <troupe/policies/retry_budget.hpp>
#include <troupe/policies/unit_random.hpp>
#include <troupe/policies/usual_time.hpp>

namespace troupe::actors {

/// How the calls of one callee are made dependable.
struct resilience_config {
  policies::outbound_retry_config retry;
  policies::retry_budget_config budget;
  policies::breaker_config breaker;
  policies::usual_time_config usual;
  /// While it is on, calls are turned away as by an open breaker. Null: there is none.
  std::shared_ptr<const policies::fault_switch> open = {};
  /// For a call that came without a deadline.
  duration default_deadline = std::chrono::seconds{5};
  /// Calls under way at once: two hundred a second that all take the whole default deadline. Beyond: `overloaded`.
  std::size_t in_flight = 1000;
};

/// What a callee's calls show, by callee: `troupe_outbound_attempts_total` by outcome, `troupe_outbound_retries_total`,
/// `troupe_outbound_retries_withheld_total` (for want of budget), `troupe_outbound_refused_total` by reason, and
/// `troupe_outbound_breaker_state` (0 closed, 1 half open, 2 open).
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

  void show(policies::breaker_state state) { state_.set(policies::level_of(state)); }

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

/// The state of an actor that makes the outbound calls of one port dependable. From the outside in:
///
/// - deadline: every call has one and every attempt carries it on. An answer or an error comes by then, and nothing begins
///   after it.
/// - retry: an attempt that failed is made again under the same call id where `policies::may_retry_outbound` lets it. Not
///   for a caller that has left.
/// - budget: retries are a small share of all calls to this callee.
/// - breaker: while the callee keeps failing it is not asked, and a call fails at once with `breaker_open`. A call that was
///   attempted before fails with the error of that attempt.
///
/// Only what the callee failed at counts for the breaker and is retried: not that a caller gave it less time than it usually
/// takes (`policies::usual_time`), nor that it refused a caller (`policies::is_callee_failure`), nor that a caller left.
///
/// Why calls fail is logged: once a minute for each callee and error, and each time where debugging lines are wanted.
///
/// `Port` says what the port's messages hold: the types `actor`, `call` and `answer`; `trace(call)`, `answer_by(call)` and
/// `abandoned(call)`, the first two as references; `callee(call)`; and `shortfall(answer)`, `errc::none` of a whole one.
template <class Port>
class resilient_calls {
public:
  using actor = typename Port::actor;
  using call_type = typename Port::call;
  using answer_type = typename Port::answer;

  /// Calls `to`, usually a client of a bridge, which asks once and reports the outcome. `name` is the callee's, as in the
  /// topology.
  resilient_calls(typename actor::pointer self, Port port, actor to, std::string name, const resilience_config& config,
                  const spawn_context& context)
    : self_(self),
      port_(std::move(port)),
      to_(std::move(to)),
      name_(std::move(name)),
      config_(config),
      watcher_(context.watcher),
      metrics_(context.watcher, context.service(), name_),
      budget_(config_.budget),
      breaker_(config_.breaker),
      usual_(config_.usual),
      random_(context.seed),
      service_(context.service()) {}

  typename actor::behavior_type make_behavior() {
    return {[this](call_type& call) { return begin(std::move(call)); }};
  }

private:
  // One call over all its attempts. At any time exactly one of two things is under way for it, an attempt or the wait for
  // the next one, and both end by its deadline.
  struct outbound_call {
    call_type call;
    caf::typed_response_promise<answer_type> promise;
    unsigned retries = 0;
    std::optional<span> attempt = {}; // around the one that is under way
    failure last{errc::none, {}};     // what the attempts before came to
  };
  using outbound_call_ptr = std::shared_ptr<outbound_call>;

  caf::result<answer_type> begin(call_type call) {
    if (in_flight_ >= config_.in_flight) {
      metrics_.overloaded();
      return to_error({errc::overloaded, "too many calls of " + name_ + " are under way"});
    }
    ++in_flight_;
    auto one =
      std::make_shared<outbound_call>(outbound_call{std::move(call), self_->template make_response_promise<answer_type>()});
    if (auto& answer_by = port_.answer_by(one->call); !answer_by.limited())
      answer_by = deadline::after(config_.default_deadline, self_->clock().now());
    auto promise = one->promise;
    attempt(one);
    return promise;
  }

  void attempt(const outbound_call_ptr& one) {
    const auto now = self_->clock().now();
    if (port_.abandoned(one->call).stop_requested())
      return end(one, {errc::cancelled, "the caller has left"});
    const auto remaining = port_.answer_by(one->call).remaining(now);
    if (remaining == duration::zero())
      return end(one, {errc::deadline_exceeded, name_ + " did not answer in time"});
    if (config_.open && config_.open->left(now) > duration::zero())
      return turn_away(one);
    const auto permit = breaker_.admit(now);
    metrics_.show(breaker_.state());
    if (!permit)
      return turn_away(one);
    if (one->retries == 0)
      budget_.called(now);
    else
      metrics_.retried();
    one->attempt.emplace(watcher_, span_name_, span_kind::internal, port_.trace(one->call), span_service_);
    one->attempt->with("peer.service", name_).with("troupe.attempt", one->retries + 1);
    auto call = one->call;
    port_.trace(call) = one->attempt->context();
    requests_.template ask<answer_type>(
      to_, remaining, std::move(call),
      [this, one, permit, now](answer_type& answer) {
        usual_.answered(self_->clock().now() - now);
        answered(one, permit, answer);
      },
      [this, one, permit, remaining](const caf::error& why) { failed(one, permit, remaining, to_failure(why)); });
  }

  void answered(const outbound_call_ptr& one, policies::breaker::permit permit, answer_type& answer) {
    breaker_.succeeded(permit);
    metrics_.show(breaker_.state());
    const auto lacks = port_.shortfall(answer);
    metrics_.attempted(lacks.code);
    if (lacks.code != errc::none)
      one->attempt->fail(lacks);
    one->attempt.reset();
    --in_flight_;
    one->promise.deliver(std::move(answer));
  }

  // Whether the callee failed, which had `given` to answer; otherwise it is the caller's fault, or ours.
  bool is_theirs(const outbound_call_ptr& one, errc why, duration given) const {
    return !port_.abandoned(one->call).stop_requested() && policies::is_callee_failure(why)
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
    if (port_.abandoned(one->call).stop_requested())
      return end(one, {errc::cancelled, "the caller has left"});
    if (!theirs && one->last.code == errc::deadline_exceeded)
      return end(one, one->last);
    const auto delay = policies::outbound_retry_delay(config_.retry, one->last.code, port_.callee(one->call), one->retries,
                                                      port_.answer_by(one->call).remaining(now), random_.next());
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
      watcher_->log(level, {service_, name_}, "a call of " + name_ + " failed: " + to_string(why));
  }

  // What was attempted once may have had its effect: then "not attempted" would be wrong.
  void turn_away(const outbound_call_ptr& one) {
    if (one->retries > 0)
      return end(one, one->last);
    metrics_.breaker_open();
    end(one, {errc::breaker_open, name_ + " keeps failing and is not called for now"});
  }

  void end(const outbound_call_ptr& one, const failure& why) {
    --in_flight_;
    one->promise.deliver(to_error(why));
  }

  typename actor::pointer self_;
  requests<typename actor::impl> requests_{self_};
  const Port port_;
  const actor to_;
  const std::string name_;
  const std::string span_name_ = "call " + name_;
  const resilience_config config_;
  observer_ptr watcher_;
  outbound_metrics metrics_;
  policies::retry_budget budget_;
  policies::breaker breaker_;
  policies::usual_time usual_;
  policies::unit_random random_;
  std::size_t in_flight_ = 0;
  std::string service_;                                                             // that calls
  const std::string span_service_ = service_ == "peers" ? std::string{} : service_; // what services share is the process's
  std::array<std::optional<instant>, static_cast<std::size_t>(errc::internal) + 1> log_next_{};
};

} // namespace troupe::actors
