#include "publish_load.hpp"

#include <chrono>
#include <utility>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/message.hpp>

#include "figure.hpp"
#include "measured_system.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

using load_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

class load_state {
public:
  load_state(load_actor::pointer self, publisher_actor to, const publish_load& what, std::function<void()> done)
    : self_(self), to_(std::move(to)), what_(what), done_(std::move(done)) {}

  load_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) {
      while (under_way_ < what_.in_flight && shipped_ < what_.batches)
        ship();
    }};
  }

private:
  void ship() {
    publish next;
    next.messages.resize(what_.batch);
    for (auto& each : next.messages) {
      each.id = id_of(number_++);
      each.payload.assign(payload_size, 'x');
    }
    ++shipped_;
    ++under_way_;
    ask(self_, to_, 60s, std::move(next))
      .then([this](const published& answer) { acknowledged(answer); },
            [](const caf::error& why) { give_up(to_string(why)); });
  }

  void acknowledged(const published& answer) {
    if (!answer.complete())
      give_up("a message was not acknowledged");
    --under_way_;
    if (shipped_ < what_.batches)
      ship();
    else if (under_way_ == 0) {
      done_();
      self_->quit();
    }
  }

  load_actor::pointer self_;
  publisher_actor to_;
  const publish_load what_;
  std::function<void()> done_;
  std::uint64_t number_ = 0;
  std::uint64_t shipped_ = 0;
  std::uint64_t under_way_ = 0;
};

} // namespace

void start_load(caf::actor_system& system, const publisher_actor& to, const publish_load& what, std::function<void()> done) {
  send_anonymously(system.spawn<caf::stateful_actor<load_state, load_actor::impl>>(to, what, std::move(done)),
                   caf::tick_atom_v);
}

} // namespace troupe::bench
