// A service with messages of its own, on an installed Troupe.

#include <iostream>

#include <troupe/actors/supervisor.hpp>
#include <troupe/messages/ports/types.hpp>

namespace weather {

struct ask_forecast {
  std::string place;
};

struct forecast {
  std::string text;
};

using forecaster_actor = caf::typed_actor<caf::result<forecast>(ask_forecast)>;

} // namespace weather

CAF_BEGIN_TYPE_ID_BLOCK(weather, ::troupe::first_author_type_id)

CAF_ADD_TYPE_ID(weather, (weather::ask_forecast))
CAF_ADD_TYPE_ID(weather, (weather::forecast))

CAF_END_TYPE_ID_BLOCK(weather)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weather::ask_forecast)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weather::forecast)

namespace {

class forecaster {
public:
  forecaster(weather::forecaster_actor::pointer /*self*/, std::string sky) : sky_(std::move(sky)) {}

  weather::forecaster_actor::behavior_type make_behavior() {
    return {[this](const weather::ask_forecast& what) -> caf::result<weather::forecast> {
      if (what.place == "Atlantis")
        return troupe::to_error({troupe::errc::not_found, "no such place"});
      return weather::forecast{what.place + ": " + sky_};
    }};
  }

private:
  std::string sky_;
};

} // namespace

int main() {
  troupe::register_message_types();
  caf::init_global_meta_objects<caf::id_block::weather>();
  caf::actor_system_config config;
  caf::actor_system system{config};

  troupe::actors::supervisor root{system, "weather", {}, troupe::silent_observer(), 1, troupe::system_now};
  const auto handle = root.top().add_group("forecasts", {}).add("forecaster", [](const troupe::spawn_context& where) {
    return troupe::spawn_supervised<weather::forecaster_actor, forecaster>(where, "sunny");
  });
  root.start();

  caf::scoped_actor self{system};
  for (const auto* place : {"Bergen", "Atlantis"})
    troupe::ask(&*self, handle, std::chrono::seconds{5}, weather::ask_forecast{place})
      .receive([](const weather::forecast& got) { std::cout << got.text << '\n'; },
               [](const caf::error& why) { std::cout << to_string(troupe::to_failure(why)) << '\n'; });

  root.stop_and_wait();
}
