#include <troupe/actors/consumer.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <troupe/actors/batch_work.hpp>

namespace troupe::actors {

namespace {

class consumer_state {
public:
  consumer_state(handler_actor::pointer self, consumer_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      breaker_(config_.breaker),
      watcher_(context.watcher),
      service_(context.service()),
      span_name_("handle " + context.actor()),
      retries_(context.watcher->make_counter("troupe_consumer_retries_total", "In-place retries of batches.",
                                             {{"service", context.service()}, {"actor", context.actor()}})),
      openings_(context.watcher->make_counter("troupe_consumer_breaker_openings_total", "Times the circuit breaker opened.",
                                              {{"service", context.service()}, {"actor", context.actor()}})),
      state_(context.watcher->make_gauge("troupe_consumer_breaker_state",
                                         "The circuit breaker of a consumer: 0 closed, 1 half open, 2 open.",
                                         {{"service", context.service()}, {"actor", context.actor()}})),
      handling_(context.watcher->make_histogram("troupe_consumer_handling_seconds",
                                                "From a batch's request to its handler to the answer, by attempt.",
                                                {{"service", context.service()}, {"actor", context.actor()}})) {}

  handler_actor::behavior_type make_behavior() {
    return {[this](deliveries& received) { return consume(received); }};
  }

private:
  struct job {
    caf::typed_response_promise<replies> promise;
    batch_work work;
    unsigned attempts = 0;
    std::optional<span> attempt{}; ///< that is under way
  };
  using job_ptr = std::shared_ptr<job>;
  using permit = policies::breaker::permit;

  caf::result<replies> consume(deliveries& received) {
    auto promise = self_->make_response_promise<replies>();
    if (received.batch.empty())
      promise.deliver(replies{});
    else
      attempt(std::make_shared<job>(job{promise, batch_work{std::move(received.batch)}}));
    return promise;
  }

  void attempt(const job_ptr& one) {
    const auto now = self_->clock().now();
    const bool paused = paused_for(now) > duration::zero();
    const auto admitted = paused ? policies::breaker::permit{} : breaker_.admit(now);
    show_breaker();
    if (!admitted) {
      one->work.release();
      finish(one, now);
      return;
    }
    auto next = one->work.next_attempt();
    begin_attempt(*one, next);
    ask(self_, config_.handler, config_.timeout, std::move(next))
      .then(
        [this, one, admitted, now](replies& answers) {
          took(now);
          end_attempt(*one, answers);
          answered(one, admitted, std::move(answers));
        },
        [this, one, admitted, now](const caf::error& why) {
          took(now);
          if (one->attempt)
            one->attempt->fail(to_failure(why));
          one->attempt.reset();
          failed(one, admitted, to_failure(why));
        });
  }

  // A span around the handler: below the delivery where there is one, else below the first that is recorded, and related to
  // each. The handler works in it on behalf of that first one.
  void begin_attempt(job& one, deliveries& batch) {
    ++one.attempts;
    const auto is_recorded = [](const delivery& each) { return each.content.trace.recorded(); };
    const auto first = std::ranges::find_if(batch.batch, is_recorded);
    if (first == batch.batch.end())
      return;
    auto& attempt = one.attempt.emplace(watcher_, span_name_, span_kind::internal, first->content.trace, service_);
    if (batch.batch.size() > 1)
      for (const auto& each : batch.batch)
        attempt.link(each.content.trace);
    attempt.with("messaging.batch.message_count", batch.batch.size()).with("troupe.attempt", one.attempts);
    if (one.attempts > 1)
      attempt.with("troupe.retry", std::string{"in place"});
    first->content.trace = attempt.context();
  }

  static void end_attempt(job& one, const replies& answers) {
    if (!one.attempt)
      return;
    for (const auto& each : answers.each)
      if (each.verdict == verdict::retry || each.verdict == verdict::reject) {
        one.attempt->fail(each.why);
        break;
      }
    one.attempt.reset();
  }

  void took(instant since) { handling_.observe(std::chrono::duration<double>(self_->clock().now() - since).count()); }

  void answered(const job_ptr& one, permit held, replies answers) {
    const auto now = self_->clock().now();
    if (const auto why = one->work.answered(std::move(answers)); why == errc::none)
      breaker_.succeeded(held);
    else
      trip(held, why, now);
    show_breaker();
    continue_or_finish(one, now);
  }

  void failed(const job_ptr& one, permit held, const failure& why) {
    const auto now = self_->clock().now();
    trip(held, why.code, now);
    show_breaker();
    one->work.failed(why);
    continue_or_finish(one, now);
  }

  // A fault may be ended before its time.
  static constexpr std::chrono::seconds longest_pause{1};

  [[nodiscard]] duration paused_for(instant now) const noexcept {
    return config_.pause ? config_.pause->left(now) : duration::zero();
  }

  void show_breaker() { state_.set(policies::level_of(breaker_.state())); }

  void trip(permit held, errc why, instant now) {
    const auto before = breaker_.state();
    breaker_.failed(held, why, now);
    if (breaker_.state() == policies::breaker_state::open && before != policies::breaker_state::open)
      openings_.add();
  }

  void continue_or_finish(const job_ptr& one, instant now) {
    if (one->work.finished()) {
      finish(one, now);
      return;
    }
    const auto pause = one->work.next_pause(config_.retry);
    if (!pause) {
      one->work.give_up();
      finish(one, now);
    } else if (*pause == duration::zero()) {
      attempt(one);
    } else {
      retries_.add();
      self_->run_delayed(*pause, [this, one] { attempt(one); });
    }
  }

  void finish(const job_ptr& one, instant now) {
    auto result = one->work.take_replies();
    const auto paused = std::min<duration>(paused_for(now), longest_pause);
    if (breaker_.state() != policies::breaker_state::closed || paused > duration::zero()) {
      // Half open means that a probe is under way: the source asks again soon.
      const auto pause = std::max({breaker_.open_for(now), config_.retry.first, paused});
      result.pause = hold{result.pause ? std::max(result.pause->pause, pause) : pause, 1};
    }
    one->promise.deliver(std::move(result));
  }

  handler_actor::pointer self_;
  consumer_config config_;
  policies::breaker breaker_;
  observer_ptr watcher_; // owns the metrics
  const std::string service_;
  const std::string span_name_;
  counter& retries_;
  counter& openings_;
  gauge& state_;
  histogram& handling_;
};

} // namespace

handler_actor spawn_consumer(const spawn_context& context, consumer_config config) {
  return spawn_supervised<handler_actor, consumer_state>(context, std::move(config), context);
}

} // namespace troupe::actors
