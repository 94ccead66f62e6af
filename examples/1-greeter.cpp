// A service of one's own: an actor behind the greeter port, supervised, and asked by a greeter of Troupe's.

#include <iostream>

#include <troupe/actors/greeter.hpp>
#include <troupe/actors/supervisor.hpp>

using namespace troupe;

namespace {

struct clock_tower {
  clock_tower(greeter_actor::pointer /*self*/, wall_clock clock) : now(std::move(clock)) {}
  greeter_actor::behavior_type make_behavior() {
    return {[this](const greet& call) -> caf::result<greeting_answer> {
      const greeting own{derived_uuid(call.call_id, "tower"), "tower", "It is noon.", now(), {}};
      return greeting_answer{{{own}, {}}, {}};
    }};
  }
  wall_clock now;
};

} // namespace

int main() {
  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};

  actors::supervisor root{system, "example", {}, silent_observer(), system_random()(), system_now};
  const greeter_actor tower = root.top().add_group("tower", {}).add("greeter", [](const spawn_context& where) {
    return spawn_supervised<greeter_actor, clock_tower>(where, system_now);
  });
  // Whatever stands behind a port may be used by whatever asks it.
  actors::greeter_config square{
    .name = "square", .service = "square", .text = "Good day!", .downstream = {{"tower", tower}}};
  const greeter_actor greeter = root.top().add_group("square", {}).add("greeter", [square](const spawn_context& where) {
    return actors::spawn_greeter(where, square);
  });
  root.start();

  caf::scoped_actor self{system};
  ask(&*self, greeter, std::chrono::seconds{5}, greet{.call_id = random_uuid(system_random())})
    .receive(
      [](const greeting_answer& answer) {
        for (const auto& one : flatten(answer.tree, greeting_order::pre_order))
          std::cout << one.service << ": " << one.message << '\n';
      },
      [](const caf::error& why) { std::cout << to_string(to_failure(why)) << '\n'; });

  root.stop_and_wait();
}
