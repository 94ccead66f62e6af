// Durable messages: a function that handles deliveries, behind a consumer, on a stream of a data folder.

#include <filesystem>
#include <future>
#include <iostream>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/handler.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/embedded/dead_letters.hpp>
#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>

using namespace troupe;
using namespace std::chrono_literals;

int main() {
  troupe::register_message_types();
  const auto folder = std::filesystem::temp_directory_path() / ("troupe-" + random_uuid(system_random()));
  auto database = sqlite::open({.folder = folder}).value(); // throws, which ends an example
  {
    caf::actor_system_config config;
    caf::actor_system system{config};
    std::promise<void> closed;
    // May run again after a crash before its effect was settled: an effect of yours is idempotent by `content.id`.
    const actors::delivery_function handle = [&closed, attempt = 0](const delivery& one) mutable -> reply {
      if (one.content.payload == "???")
        return {verdict::reject, {errc::rejected, "nobody sells that"}};
      if (one.content.payload == "cake" && ++attempt == 1)
        return {verdict::retry, {errc::unavailable, "the oven is cold"}};
      std::cout << "sold " << one.content.payload << '\n';
      if (one.content.payload == "closing time")
        closed.set_value();
      return {};
    };

    const embedded::destination orders{.name = "orders"};
    actors::supervisor root{system, "example", {}, silent_observer(), system_random()(), system_now};
    auto& shop = root.top().add_group("shop", {});
    const auto publisher = shop.add(
      "publisher", [=, to = database](const spawn_context& where) { return embedded::spawn_publisher(where, to, orders); });
    const auto dead_letters = shop.add(
      "dead_letters", [of = database](const spawn_context& where) { return embedded::spawn_dead_letters(where, of); });
    const auto handler =
      shop.add("handler", [=](const spawn_context& where) { return actors::spawn_handler(where, handle); });
    const auto consumer =
      shop.add("consumer", [=](const spawn_context& where) { return actors::spawn_consumer(where, {.handler = handler}); });
    const auto source = shop.add("source", [=, from = database](const spawn_context& where) {
      return embedded::spawn_source(where, from, {.from = orders, .group = "shop"}, consumer);
    });
    root.start();

    const auto fail = [](const caf::error& why) { std::cout << to_string(to_failure(why)) << '\n'; };
    caf::scoped_actor self{system};
    publish morning;
    for (const auto* item : {"tea", "???", "cake", "closing time"}) // of one key: they keep their order
      morning.messages.push_back({.id = random_uuid(system_random()), .key = "customer-1", .payload = item});
    ask(&*self, publisher, 10s, morning)
      .receive([](const published& all) { std::cout << (all.complete() ? "" : "some were refused\n"); }, fail);
    closed.get_future().wait();
    ask(&*self, source, 10s, drain{5s})
      .receive([](const drained& left) { std::cout << left.unfinished << " unfinished\n"; }, fail);
    ask(&*self, dead_letters, 10s, list_dead_letters{})
      .receive(
        [](const dead_letter_page& page) {
          for (const auto& [number, letter] : page.letters)
            std::cout << "dead letter " << number << ": " << letter.content.payload << ", " << to_string(letter.why) << '\n';
        },
        fail);
    root.stop_and_wait();
  }
  database.reset(); // closes the file
  std::filesystem::remove_all(folder);
}
