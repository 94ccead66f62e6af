// A program of three services: a contract with REST that calls another one and publishes, and a consumer that stores.

#include <map>
#include <string>

#include <troupe/host.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "shop.troupe.hpp"

using namespace troupe;

struct stock : shop::stock_service {
  task<shop::Reserved> reserve(const shop::Reservation& request, call&) override {
    auto& left = shelf[request.item()];
    if (left < request.count())
      throw call_failed{contracts::status_failure(contracts::status_code::failed_precondition,
                                                  std::to_string(left) + " left of " + request.item())};
    left -= request.count();
    shop::Reserved result;
    result.set_left(left);
    co_return result;
  }
  std::map<std::string, int> shelf{{"tea", 5}};
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
    event.set_item(request.item());
    event.set_count(request.count());
    co_await placed.publish(event, at, request.item()); // durable when it goes on
    shop::Placed result;
    result.set_left(reserved.left());
    co_return result;
  }
  shop::stock_client stock;
  channel_publisher<shop::OrderPlaced> placed;
};

task<> ship(shop::OrderPlaced order, delivery_context& at, stores<"shipments"> shipments) {
  co_await shipments.write(at.document_id(), order); // the delivery is settled when the document is durable
}

int main(int argc, char** argv) {
  program shop{"shop"};
  shop.service("stock").serves<stock>();
  shop.service("orders").serves<orders>();
  shop.service("shipping").consumes("orders", ship);
  return shop.run(argc, argv);
}
