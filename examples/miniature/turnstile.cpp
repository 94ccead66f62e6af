#include "turnstile.hpp"

#include <utility>

namespace miniature {

namespace {

using namespace troupe;

class turnstile_state {
public:
  turnstile_state(greeter_actor::pointer self, turnstile_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      quota_(config_.quota),
      watcher_(context.watcher),
      refused_(
        watcher_->make_counter("turnstile_refused_total", "Calls beyond the quota.", {{"service", context.service()}})) {}

  greeter_actor::behavior_type make_behavior() {
    return {[this](const greet& call) { return pass(call); }};
  }

private:
  caf::result<greeting_answer> pass(const greet& call) {
    const auto now = self_->clock().now();
    if (!quota_.admit(now)) {
      refused_.add();
      return to_error({errc::overloaded, "beyond the quota"});
    }
    const auto within = call.answer_by.sooner(deadline::after(config_.default_deadline, now)).remaining(now);
    auto promise = self_->make_response_promise<greeting_answer>();
    ask(self_, config_.to, within, call)
      .then([promise](greeting_answer& answer) mutable { promise.deliver(std::move(answer)); },
            [promise](const caf::error& why) mutable { promise.deliver(to_error(to_failure(why))); });
    return promise;
  }

  greeter_actor::pointer self_;
  turnstile_config config_;
  quota quota_;
  observer_ptr watcher_; // owns the counter
  counter& refused_;
};

} // namespace

greeter_actor spawn_turnstile(const spawn_context& context, turnstile_config config) {
  return spawn_supervised<greeter_actor, turnstile_state>(context, std::move(config), context);
}

} // namespace miniature
