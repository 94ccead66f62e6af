// A shop of three services, in one process or, as shop.yaml says, each in one of its own.

#include <map>
#include <string>

#include <troupe/host.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "shop.troupe.hpp"

using namespace troupe;

struct stock : shop::stock_service {
  explicit stock(service_context& context) : reservations(context.store("reservations")) {}

  task<shop::Reserved> reserve(const shop::Reservation& request, call& at) override {
    const auto price = prices.find(request.item());
    if (price == prices.end())
      throw call_failed{contracts::status_failure(contracts::status_code::not_found, "nobody sells " + request.item())};
    co_await reservations.write(at.id(), request); // once, however often the call is repeated
    shop::Reserved result;
    result.set_cents(request.count() * price->second);
    co_return result;
  }
  document_store reservations;
  std::map<std::string, int> prices{{"tea", 350}, {"cake", 420}};
};

struct orders : shop::orders_service {
  explicit orders(service_context& context)
    : stock(context.calls<shop::stock_client>("stock")), placed(context.publishes<shop::OrderPlaced>("orders")) {}

  task<shop::Placed> place(const shop::PlaceOrder& request, call& at) override {
    shop::Reservation wanted;
    wanted.set_item(request.item());
    wanted.set_count(request.count());
    const auto reserved = co_await stock.reserve(wanted, at); // in this process or over gRPC
    shop::OrderPlaced event;
    event.set_order(at.id());
    event.set_item(request.item());
    event.set_count(request.count());
    co_await placed.publish(event, at); // durable when it goes on
    shop::Placed result;
    result.set_order(at.id());
    result.set_cents(reserved.cents());
    co_return result;
  }
  shop::stock_client stock;
  channel_publisher<shop::OrderPlaced> placed;
};

task<> ship(shop::OrderPlaced order, delivery_context& at, stores<"shipments"> shipments,
            publishes<shop::Label, "labels"> labels) {
  co_await shipments.write(order.order(), order);
  shop::Label label;
  label.set_order(order.order());
  label.set_text(std::to_string(order.count()) + " x " + order.item());
  co_await labels.publish(label, at); // the delivery is settled when both effects are durable
}

int main(int argc, char** argv) {
  program shop{"shop"};
  shop.service("stock").serves<stock>();
  shop.service("orders").serves<orders>();
  shop.service("shipping").consumes("orders", ship);
  return shop.run(argc, argv);
}
