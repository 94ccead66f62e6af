// Typed requests with a finite timeout, through a supervisor's handle to a supervised and measured actor, against the same
// two actors in plain CAF.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/messages/ports/types.hpp>

#include "figure.hpp"
#include "options.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

using echo_actor = caf::typed_actor<caf::result<std::uint64_t>(std::uint64_t)>;
using requester_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

class echo_state {
public:
  explicit echo_state(echo_actor::pointer) {}

  echo_actor::behavior_type make_behavior() {
    return {[](std::uint64_t number) { return number; }};
  }
};

// Asks for the next number as soon as it has the last one, so that one request of it is always under way.
class requester_state {
public:
  requester_state(requester_actor::pointer self, echo_actor whom, std::uint64_t requests, std::shared_ptr<std::latch> done)
    : self_(self), whom_(std::move(whom)), left_(requests), done_(std::move(done)) {}

  requester_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) { next(); }};
  }

private:
  void next() {
    if (left_-- == 0) {
      done_->count_down();
      return;
    }
    ask(self_, whom_, 5s, std::uint64_t{left_})
      .then([this](std::uint64_t) { next(); }, [](const caf::error& why) { give_up(to_string(why)); });
  }

  requester_actor::pointer self_;
  echo_actor whom_;
  std::uint64_t left_;
  std::shared_ptr<std::latch> done_;
};

struct load {
  std::size_t workers = 1;
  std::size_t requesters = 25;
  std::uint64_t requests = 10'000; // of each requester
};

void prepare(caf::actor_system_config& config, const load& what) {
  config.set("caf.scheduler.max-threads", what.workers);
  config.set("caf.scheduler.max-throughput", std::size_t{300});
}

double per_second(const load& what, const std::vector<requester_actor>& requesters, std::latch& done) {
  const auto begun = std::chrono::steady_clock::now();
  for (const auto& each : requesters)
    send_anonymously(each, caf::tick_atom_v);
  done.wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(what.requesters * what.requests) / took.count();
}

template <class Handle>
void end(std::vector<Handle>& actors) {
  for (const auto& each : actors)
    ask_to_end(each, caf::exit_reason::user_shutdown);
  actors.clear();
}

template <class Handle, class State>
using plain_actor = caf::stateful_actor<State, typename Handle::impl>;

std::vector<requester_actor> plain_requesters(caf::actor_system& system, const load& what, const echo_actor& whom,
                                              const std::shared_ptr<std::latch>& done) {
  std::vector<requester_actor> requesters;
  for (std::size_t i = 0; i < what.requesters; ++i)
    requesters.push_back(system.spawn<plain_actor<requester_actor, requester_state>>(whom, what.requests, done));
  return requesters;
}

double measure_plain(const load& what) {
  caf::actor_system_config config;
  prepare(config, what);
  caf::actor_system system{config};
  std::vector<echo_actor> echo{system.spawn<plain_actor<echo_actor, echo_state>>()};
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(what.requesters));
  auto requesters = plain_requesters(system, what, echo.front(), done);
  const auto rate = per_second(what, requesters, *done);
  end(requesters);
  end(echo);
  return rate;
}

// Which side of a request stands in the supervision tree.
enum class supervised { answering, both };

double measure_supervised(const load& what, supervised which) {
  caf::actor_system_config config;
  telemetry::measure_actors(config);
  prepare(config, what);
  const auto watcher = telemetry::make_telemetry({});
  caf::actor_system system{config};
  watcher->watch(system);
  actors::supervisor tree{system, "bench", {}, watcher, 1, system_now};
  auto& service = tree.top().add_group("service", {});
  const auto echo =
    service.add("echo", [](const spawn_context& where) { return spawn_supervised<echo_actor, echo_state>(where); });
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(what.requesters));
  std::vector<requester_actor> requesters;
  if (which == supervised::answering)
    requesters = plain_requesters(system, what, echo, done);
  else
    for (std::size_t i = 0; i < what.requesters; ++i)
      requesters.push_back(service.add("requester-" + std::to_string(i), [=](const spawn_context& where) {
        return spawn_supervised<requester_actor, requester_state>(where, echo, what.requests, done);
      }));
  tree.start();
  const auto rate = per_second(what, requesters, *done);
  if (which == supervised::answering)
    end(requesters);
  tree.stop_and_wait();
  watcher->unwatch();
  return rate;
}

void measure(const load& what, unsigned rounds) {
  std::vector<double> plain;
  std::vector<double> answering;
  std::vector<double> both;
  for (unsigned round = 0; round < rounds; ++round) {
    plain.push_back(measure_plain(what));
    answering.push_back(measure_supervised(what, supervised::answering));
    both.push_back(measure_supervised(what, supervised::both));
  }
  report({"supervised request and response", "requests/s", plain, answering, "ratio >= 0.8"});
  report({"the same, the requesters supervised too", "requests/s", plain, both, ""});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::load what{.workers = std::max(1U, std::thread::hardware_concurrency())};
  unsigned rounds = 31;
  troupe::bench::options options{"Supervised typed requests against plain CAF's"};
  options.add("--rounds", rounds);
  options.add("--workers", what.workers);
  options.add("--requesters", what.requesters);
  options.add("--requests", what.requests, "of each requester");
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(what, rounds);
}
