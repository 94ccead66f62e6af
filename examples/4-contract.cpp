// Contracts: two services, of which one calls the other through gRPC. Where they run is decided below them, in `main`.

#include <iostream>
#include <map>

#include <troupe/actors/contracts/resilient_client.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "shop/shop.troupe.hpp"

using namespace troupe;
using namespace std::chrono_literals;

struct stock : shop::stock_service {
  task<shop::Reserved> reserve(const shop::Reservation& request, call&) override {
    const auto price = prices.find(request.item());
    if (price == prices.end())
      throw call_failed{contracts::status_failure(contracts::status_code::not_found, "nobody sells " + request.item())};
    shop::Reserved result;
    result.set_cents(request.count() * price->second);
    co_return result;
  }
  std::map<std::string, int> prices{{"tea", 350}};
};

struct orders : shop::orders_service {
  explicit orders(service_context& context) : stock(context.calls<shop::stock_client>("stock")) {}

  task<shop::Placed> place(const shop::PlaceOrder& request, call& at) override {
    shop::Reservation wanted;
    wanted.set_item(request.item());
    wanted.set_count(request.count());
    const auto reserved = co_await stock.reserve(wanted, at); // its deadline, trace and cancellation are those of `at`
    shop::Placed result;
    result.set_cents(reserved.cents());
    co_return result;
  }
  shop::stock_client stock;
};

int main() {
  register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{config};
  actors::supervisor root{system, "example", {}, silent_observer(), system_random()(), system_now};

  // The stock behind a server, as in a process of its own.
  const auto& stock_contract = shop::stock_service::contract();
  const auto served = root.top().add_group("stock", {}).add("contract", [](const spawn_context& where) {
    return spawn_contract_service(where, {.make = make_service<stock>, .callees = {}});
  });
  const auto server = grpc::server::listen({.service = "stock", .listen = {"127.0.0.1", 0}, .tls = {}},
                                           {.greeter = {}, .contracts = {{&stock_contract, served}}})
                        .value(); // throws, which ends an example

  // The orders call it by a client, made dependable.
  auto& group = root.top().add_group("orders", {});
  grpc::client_config to_stock;
  to_stock.target = to_string(server->local());
  const auto client = group.add("stock_client", [&](const spawn_context& where) {
    return grpc::spawn_contract_client(where, to_stock, stock_contract);
  });
  const auto dependable = group.add("stock", [=](const spawn_context& where) {
    actors::resilient_client_config how;
    how.to = client;
    how.name = "stock";
    return actors::spawn_resilient_client(where, how);
  });
  const contract_actor taken = group.add("contract", [=](const spawn_context& where) {
    return spawn_contract_service(where, {.make = make_service<orders>, .callees = {{"stock", dependable}}});
  });
  root.start();

  // A call is a message of the actor.
  caf::scoped_actor self{system};
  for (const auto* item : {"tea", "beer"}) {
    const auto order = std::make_shared<shop::PlaceOrder>();
    order->set_item(item);
    order->set_count(2);
    contract_call place{shop::orders_service::contract().FindMethodByName("Place"), order, {}};
    place.context.id = random_uuid(system_random());
    ask(&*self, taken, 10s, std::move(place))
      .receive([](const contract_answer& answer) { std::cout << answer.response->ShortDebugString() << '\n'; },
               [](const caf::error& why) { std::cout << contracts::to_status(to_failure(why)).ShortDebugString() << '\n'; });
  }
  root.stop_and_wait();
}
