#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <troupe_test/suite.hpp>

#include <troupe/actors/contracts/service.hpp>
#include <troupe/bridges/http/contract_routes.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "seen_calls.hpp"
#include "shop.troupe.hpp"
#include "support.hpp"

namespace http_test {

using namespace troupe_test::shop;

class orders final : public orders_service {
public:
  explicit orders(seen_calls& book) : seen_(book) {}

  task<Placed> place(const PlaceOrder& request, call& at) override {
    seen_.add(request, at);
    at.answer_with("x-shelf", "7");
    at.answer_with("x-raw-bin", "\x01");
    Placed result;
    result.set_id("a \"quoted\" id");
    result.set_left(3);
    co_return result;
  }
  task<Placed> get_http_info(const PlaceOrder& request, call& at) override {
    seen_.add(request, at);
    if (request.item() == "unicorn")
      throw call_failed{contracts::status_failure(contracts::status_code::aborted, "none was ever seen", {&request})};
    if (request.item() == "bug")
      throw std::runtime_error("a password");
    co_return Placed{};
  }
  task<Placed> delete_(const PlaceOrder& request, call& at) override {
    seen_.add(request, at);
    co_return Placed{};
  }

private:
  seen_calls& seen_;
};

/// Orders behind an edge.
struct orders_fixture : edge_fixture {
  orders_fixture() {
    actor =
      spawn_contract_service(unsupervised(system, "orders/contract"),
                             {.make = [this](service_context&) { return std::make_unique<orders>(book); }, .callees = {}});
    auto made = http::contract_routes({{&orders_service::contract(), actor}}, {.at_most = patience, .watcher = watcher});
    CAF_REQUIRE(made);
    ports.routes = std::move(*made);
    listen();
  }
  ~orders_fixture() {
    served.reset();
    ask_to_end(actor, caf::exit_reason::user_shutdown);
  }

  seen_calls book;
  contract_actor actor;
};

} // namespace http_test
