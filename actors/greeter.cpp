#include <troupe/actors/greeter.hpp>

#include <memory>
#include <utility>

#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/actors/runtime/requests.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe::actors {

namespace {

// The parts of one answer, until the last of them has come or failed.
struct gathering {
  gathering(caf::typed_response_promise<greeting_answer> to, span around, greeting own, std::size_t downstream,
            std::size_t effects)
    : promise(std::move(to)), work(std::move(around)), missing(downstream + effects), pending(downstream + effects) {
    answer.tree.own.push_back(std::move(own));
    answer.tree.downstream.resize(downstream);
  }

  void arrived(std::size_t part, greeting_answer& received) {
    answer.tree.downstream[part] = std::move(received.tree);
    settled(part, std::move(received.missing));
  }

  void settled(std::size_t part, std::vector<shortfall> without) {
    missing[part] = std::move(without);
    if (--pending > 0)
      return;
    for (auto& some : missing)
      answer.missing.insert(answer.missing.end(), std::make_move_iterator(some.begin()),
                            std::make_move_iterator(some.end()));
    if (!answer.complete())
      work.fail({errc::partial, missing_header(answer.missing)});
    promise.deliver(std::move(answer));
  }

  caf::typed_response_promise<greeting_answer> promise;
  span work;
  greeting_answer answer;
  std::vector<std::vector<shortfall>> missing; // per part, so that the order is the configuration's
  std::size_t pending;
};

using gathering_ptr = std::shared_ptr<gathering>;

class greeter_state {
public:
  greeter_state(greeter_actor::pointer self, greeter_config config, observer_ptr watcher)
    : self_(self), config_(std::move(config)), watcher_(std::move(watcher)) {
    call_names_.reserve(config_.downstream.size());
    for (const auto& each : config_.downstream) {
      call_names_.push_back(config_.name + '>' + each.name);
      call_counts_.push_back(std::make_shared<call_counts>(watcher_, config_.name, each.name));
    }
  }

  greeter_actor::behavior_type make_behavior() {
    return {[this](const greet& call) { return answer(call); }};
  }

private:
  caf::result<greeting_answer> answer(const greet& call) {
    const auto now = self_->clock().now();
    if (call.answer_by.passed(now))
      return to_error({errc::deadline_exceeded, config_.name + " was asked too late"});
    const auto remaining = call.answer_by.limited() ? call.answer_by.remaining(now) : config_.default_deadline;
    const auto budget = policies::downstream_budget(config_.split, remaining);
    span work{watcher_, span_name_, span_kind::internal, call.trace, config_.name};
    auto own = own_greeting(call);
    const std::size_t effects = (config_.publish_to ? 1 : 0) + (config_.store ? 1 : 0);
    if (config_.downstream.empty() && effects == 0) {
      greeting_answer alone;
      alone.tree.own.push_back(std::move(own));
      return alone;
    }
    auto promise = self_->make_response_promise<greeting_answer>();
    const auto parts = std::make_shared<gathering>(promise, std::move(work), own, config_.downstream.size(), effects);
    ask_downstream(parts, call, own, now, budget);
    std::size_t part = config_.downstream.size();
    if (config_.publish_to)
      publish_own(parts, part++, own, budget);
    if (config_.store)
      keep(parts, part, call, own, budget);
    return promise;
  }

  greeting own_greeting(const greet& call) const {
    return {derived_uuid(call.call_id, config_.name), config_.service, config_.text, config_.civil_time(), config_.hostname};
  }

  void ask_downstream(const gathering_ptr& parts, const greet& call, const greeting& own, instant now, duration budget) {
    for (std::size_t part = 0; part != config_.downstream.size(); ++part) {
      const auto& [name, handle] = config_.downstream[part];
      if (budget == duration::zero()) {
        lacks(parts, part, name, "greeting", errc::deadline_exceeded);
        continue;
      }
      greet onward{.call_id = derived_uuid(call.call_id, call_names_[part]),
                   .trace = parts->work.context(),
                   .answer_by = deadline::after(budget, now),
                   .forwarded = call.forwarded,
                   .caller = own,
                   .order = call.order,
                   .abandoned = call.abandoned};
      requests_.ask<greeting_answer>(
        handle, budget, std::move(onward),
        [this, parts, part](greeting_answer& answer) {
          call_counts_[part]->ended(errc::none);
          parts->arrived(part, answer);
        },
        [this, parts, part, &callee = name](const caf::error& why) {
          const auto code = to_failure(why).code;
          call_counts_[part]->ended(code);
          lacks(parts, part, callee, "greeting", code);
        });
    }
  }

  void publish_own(const gathering_ptr& parts, std::size_t part, const greeting& own, duration budget) {
    if (budget == duration::zero()) {
      lacks(parts, part, config_.name, "publish", errc::deadline_exceeded);
      return;
    }
    publish request;
    request.messages.push_back({.id = own.id,
                                .key = std::nullopt,
                                .content_type = "application/json",
                                .headers = {},
                                .trace = parts->work.context(),
                                .payload = to_json(own, config_.form)});
    requests_.ask<published>(
      *config_.publish_to, budget, std::move(request),
      [this, parts, part](const published& done) {
        if (done.outcomes.size() == 1 && done.complete())
          parts->settled(part, {});
        else
          lacks(parts, part, config_.name, "publish", done.outcomes.empty() ? errc::internal : done.outcomes.front().code);
      },
      [this, parts, part](const caf::error& why) {
        // Without an answer the message may have arrived all the same.
        const auto code = to_failure(why).code;
        lacks(parts, part, config_.name, "publish", code == errc::deadline_exceeded ? errc::outcome_unknown : code);
      });
  }

  void keep(const gathering_ptr& parts, std::size_t part, const greet& call, const greeting& own, duration budget) {
    if (budget == duration::zero()) {
      lacks(parts, part, config_.name, "store", errc::deadline_exceeded);
      return;
    }
    const auto& step = *config_.store;
    const bool callers = step.keeps == greeter_store_step::kept::callers && call.caller;
    write_documents request;
    request.behalf_of(parts->work.context());
    request.documents.push_back(to_document(callers ? *call.caller : own, step.database, step.collection, step.form));
    requests_.ask<written>(
      step.to, budget, std::move(request),
      [this, parts, part](const written& done) {
        if (done.each.size() == 1 && done.each.front().outcome != write_outcome::refused)
          parts->settled(part, {});
        else
          lacks(parts, part, config_.name, "store", done.each.empty() ? errc::internal : done.each.front().why.code);
      },
      [this, parts, part](const caf::error& why) { lacks(parts, part, config_.name, "store", to_failure(why).code); });
  }

  // The caller gets it in the answer, so it is counted here and not logged.
  void lacks(const gathering_ptr& parts, std::size_t part, const std::string& callee, std::string_view missing, errc code) {
    watcher_
      ->make_counter("troupe_greeter_shortfalls_total", "Parts of answers that were missing.",
                     {{"service", config_.name}, {"of", callee}, {"part", missing}, {"error", to_string(code)}})
      .add();
    parts->settled(part, {{callee, std::string{missing}, code}});
  }

  greeter_actor::pointer self_;
  requests<greeter_actor::impl> requests_{self_};
  greeter_config config_;
  std::string span_name_ = "greet " + config_.name;
  std::vector<std::string> call_names_; // from which the ids of the calls to the downstream are derived
  std::vector<call_counts_ptr> call_counts_;
  observer_ptr watcher_;
};

} // namespace

greeter_actor spawn_greeter(const spawn_context& context, greeter_config config) {
  return spawn_supervised<greeter_actor, greeter_state>(context, std::move(config), context.watcher);
}

} // namespace troupe::actors
