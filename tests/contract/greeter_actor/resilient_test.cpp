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
  greeter_actor tested_ =
    actors::spawn_resilient_greeter(unsupervised(system(), "service-a/remote"), {.to = in_process_peer::greeter(),
                                                                                 .name = "remote",
                                                                                 .callee = policies::callee::idempotent,
                                                                                 .breaker = {.failures = 1000}});
};

} // namespace

#define TROUPE_GREETER resilient_peer
#include "../greeter_suite.hpp"
