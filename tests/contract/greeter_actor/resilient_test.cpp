#define CAF_SUITE greeter_resilient
#include <troupe/actors/resilient_greeter.hpp>

#include "in_process_peer.hpp"

namespace {

using namespace troupe;

/// The decorated greeter in the same process. Its breaker never opens, because the suite fails calls on purpose.
class resilient_peer final : public contract::in_process_peer {
public:
  ~resilient_peer() override { ask_to_end(tested_, caf::exit_reason::user_shutdown); }

  [[nodiscard]] contract::greeter_guarantees promised() const override {
    return {.crosses_processes = contract::greeter_guarantees::promise::no};
  }

  greeter_actor greeter() override { return tested_; }

private:
  static actors::resilient_greeter_config config(greeter_actor to) {
    actors::resilient_greeter_config result;
    result.to = std::move(to);
    result.name = "remote";
    result.callee = policies::callee::idempotent;
    result.breaker.failures = 1000;
    return result;
  }

  greeter_actor tested_ =
    actors::spawn_resilient_greeter(unsupervised(system(), "service-a/remote"), config(in_process_peer::greeter()));
};

} // namespace

#define TROUPE_GREETER resilient_peer
#include "../greeter_suite.hpp"
