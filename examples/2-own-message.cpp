// Your own messages and interface: an actor that counts orders, and is restarted after one that makes it throw.

#include <iostream>
#include <stdexcept>
#include <thread>

#include <troupe/actors/supervisor.hpp>
#include <troupe/messages/ports/types.hpp>

namespace shop {
struct order {
  std::string item;
};
struct receipt {
  int number = 0;
};
using till_actor = caf::typed_actor<caf::result<receipt>(order)>;
} // namespace shop

CAF_BEGIN_TYPE_ID_BLOCK(shop, ::troupe::first_author_type_id)
CAF_ADD_TYPE_ID(shop, (shop::order))
CAF_ADD_TYPE_ID(shop, (shop::receipt))
CAF_END_TYPE_ID_BLOCK(shop)
// They stay within the process, so they need no serialization.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(shop::order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(shop::receipt)

namespace {

using namespace troupe;

struct till {
  explicit till(shop::till_actor::pointer /*self*/) {}

  shop::till_actor::behavior_type make_behavior() {
    return {[this](const shop::order& ordered) -> caf::result<shop::receipt> {
      if (ordered.item.empty())
        throw std::invalid_argument("an order of nothing");
      return shop::receipt{++receipts};
    }};
  }

  int receipts = 0; // of this incarnation: a restart begins anew
};

} // namespace

int main() {
  troupe::register_message_types();
  caf::init_global_meta_objects<caf::id_block::shop>();
  caf::actor_system_config config;
  caf::actor_system system{config};

  actors::supervisor root{system, "shop", {}, silent_observer(), 1, system_now};
  const auto handle =
    root.top().add("till", [](const spawn_context& where) { return spawn_supervised<shop::till_actor, till>(where); });
  root.start();
  caf::scoped_actor self{system};
  const auto place = [&](const std::string& item) {
    ask(&*self, handle, std::chrono::seconds{5}, shop::order{item})
      .receive([&](const shop::receipt& got) { std::cout << item << ": receipt " << got.number << '\n'; },
               [](const caf::error& why) { std::cout << to_string(to_failure(why)) << '\n'; });
  };
  place("tea");
  place("cake");
  place("");
  while (root.tree().children.front().incarnation == 1)
    std::this_thread::yield(); // the handle stays, and leads to the next incarnation
  place("tea");
  std::cout << "incarnation " << root.tree().children.front().incarnation << '\n';

  root.stop_and_wait();
}
