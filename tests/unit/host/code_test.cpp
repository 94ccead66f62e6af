#define CAF_SUITE code

#include <troupe_test/suite.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/host/code_extension.hpp>
#include <troupe/deploy/host/program.hpp>
#include <troupe/deploy/host/topology/check.hpp>
#include <troupe/deploy/host/topology/settings.hpp>

#include "shop.troupe.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe_test::shop;
using troupe::delivery_context;
using troupe::service_registration;
using troupe::verdict;

namespace {

using lines = std::vector<std::string>;

struct stock : stock_service {
  troupe::task<Reserved> reserve(const Reservation& /*request*/, troupe::call& /*at*/) override { co_return Reserved{}; }
};

verdict keep(const PlaceOrder& /*order*/, delivery_context& /*at*/) {
  return verdict::done;
}

/// A till that calls the stock and publishes, and an archive that stores.
struct fixture {
  program_code code{"shop", "1.2"};

  fixture() {
    add("stock").serves<stock>();
    add("till").calls<stock_client>("stock").publishes<PlaceOrder>("orders").every(
      1s, [](troupe::timer_context& /*at*/) -> troupe::task<> { co_return; });
    add("archive").consumes<PlaceOrder>("orders", keep).stores("kept");
  }

  service_registration add(std::string name) { return service_registration{code.services.emplace_back(std::move(name))}; }

  std::optional<configuration> configured(const std::vector<std::string>& texts, const process_options& options = {}) {
    std::vector<topology_file> files;
    for (const auto& text : texts)
      files.push_back({"t.yaml", text});
    const code_extension program{code};
    diagnostics found;
    auto result = configure(files, program, options, {{{"HOME", "/home/operator"}}, {}, {}, {}, {}}, found);
    mistakes = found.lines();
    return result;
  }

  lines wrong(const std::string& text, const process_options& options = {}) {
    CAF_CHECK(!configured({text}, options));
    return mistakes;
  }

  lines mistakes;
};

lines actors(const process_plan& plan, const std::string& service) {
  lines result;
  for (const auto& actor : std::ranges::find(plan.services, service, &service_plan::name)->actors)
    result.push_back(actor.name);
  return result;
}

constexpr auto services = "services: {stock: {}, till: {}, archive: {}}\n";

} // namespace

CAF_TEST_FIXTURE_SCOPE(code_tests, fixture)

CAF_TEST(without a topology all services of the code run on channels of the data folder) {
  const auto got = configured({});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto& plan = got->plan;
  CAF_CHECK_EQUAL(got->running, (lines{"stock", "till", "archive"}));
  CAF_REQUIRE_EQUAL(plan.streams.size(), 1U);
  CAF_CHECK_EQUAL(plan.streams.front().name, "orders");
  CAF_CHECK(plan.streams.front().via == transport::embedded);
  CAF_CHECK_EQUAL(actors(plan, "stock"), lines{"troupe_test.shop.Stock"});
  CAF_CHECK_EQUAL(actors(plan, "till"), (lines{"publish-orders", "timer"}));
  CAF_CHECK_EQUAL(actors(plan, "archive"), (lines{"store", "consumer-handler", "consumer", "consumer-subscription"}));
  CAF_CHECK_EQUAL(plan.services.at(2).consumers.at(0).group.value(), "archive");
  CAF_CHECK_EQUAL(plan.edge_services, lines{"stock"});
  CAF_CHECK(!plan.serves_grpc);
  CAF_CHECK_EQUAL(*plan.node.data, "/home/operator/.local/state/shop");
  const auto report = check_report(*got, code_extension{code});
  CAF_CHECK(report.find("timer, every 1s, calls stock") != std::string::npos);
  CAF_CHECK(report.find("greet") == std::string::npos);
}

CAF_TEST(a topology may say of the process alone what differs) {
  const auto got = configured({"node: {log-level: debug}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_CHECK(got && got->plan.services.size() == 3);
}

CAF_TEST(the topology says what carries a channel and how its consumer consumes) {
  const auto got = configured({"services:\n"
                               "  stock: {}\n"
                               "  till: {}\n"
                               "  archive: {consumers: [{from: orders, name: ear, timeout: 7s, group: g}]}\n"
                               "streams: {orders: {partitions: 9, encoding: json}}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto& consumer = got->plan.services.at(2).consumers.at(0);
  CAF_CHECK(consumer.code == std::size_t{0});
  CAF_CHECK(consumer.timeout == troupe::duration{7s});
  CAF_CHECK_EQUAL(consumer.group.value(), "g");
  CAF_CHECK_EQUAL(actors(got->plan, "archive"), (lines{"store", "ear-handler", "ear", "ear-subscription"}));
  CAF_CHECK_EQUAL(got->plan.streams.at(0).partitions, 9U);
  CAF_CHECK(configured({std::string{services} + "queues: {orders: }\n"}));
}

CAF_TEST(what only one of code and topology names is reported with the nearest name of the other) {
  CAF_CHECK_EQUAL(
    wrong("services: {stok: {}, till: {}, archive: {}}\n"),
    (lines{"t.yaml:1:12: shop has no service \"stok\"; expected stock, till or archive, or an \"address\" of a "
           "service of another program; did you mean \"stock\"?",
           "code: service stock: the topology has no service \"stock\"; expected one below \"services\"; did you "
           "mean \"stok\"?"}));
  CAF_CHECK_EQUAL(
    wrong(std::string{services} + "streams: {ordes: }\n"),
    (lines{"t.yaml:2:11: no service of shop uses the stream \"ordes\"; expected a channel of the code; did you "
           "mean \"orders\"?",
           "code: service till: there is no stream or queue \"orders\"; expected a name below \"streams\" or "
           "\"queues\"; did you mean \"ordes\"?",
           "code: service archive: there is no stream or queue \"orders\"; expected a name below \"streams\" or "
           "\"queues\"; did you mean \"ordes\"?"}));
}

CAF_TEST(a gateway is no service of code) {
  CAF_CHECK_EQUAL(wrong("services: {stock: {}, till: {gateway: stock}, archive: {}}\n"),
                  lines{"t.yaml:1:39: shop has no gateways; expected no \"gateway\""});
}

CAF_TEST(a call of a service that nobody has or that serves no contract is reported) {
  add("clerk").calls<stock_client>("stok");
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  lines{"code: service clerk: there is no service \"stok\"; expected a service that has a contract; did "
                        "you mean \"stock\"?"});
  code.services.pop_back();
  add("clerk").calls<orders_client>("stock");
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  lines{"code: service clerk: it calls troupe_test.shop.Orders of \"stock\", which does not serve it; "
                        "expected a contract that is registered there by serves"});
}

CAF_TEST(a service of another program is called at its address and does not run here) {
  add("clerk").calls<orders_client>("orders");
  const auto got = configured({"services: {stock: {}, till: {}, archive: {}, clerk: {}, orders: {address: \"o:1\"}}\n"});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(got->running, (lines{"stock", "till", "archive", "clerk"}));
  CAF_REQUIRE_EQUAL(got->plan.peers.size(), 1U);
  CAF_CHECK_EQUAL(got->plan.peers.front().name, "orders");
}

CAF_TEST(a part of the services calls the others at their addresses) {
  const std::string text = "services: {stock: {address: \"s:1\"}, till: {}, archive: {}}\n";
  const auto till = configured({text}, {.services = {"till"}});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(till);
  CAF_CHECK_EQUAL(till->plan.peers.front().name, "stock");
  CAF_CHECK(!till->plan.serves_grpc);
  const auto stock = configured({text}, {.services = {"stock"}});
  CAF_REQUIRE(stock);
  CAF_CHECK(stock->plan.serves_grpc);
  CAF_CHECK(wrong(services, {.services = {"till"}}).at(0).find("--service stock too") != std::string::npos);
}

CAF_TEST(mistakes of the code itself are reported at start) {
  add("Bad Name").consumes<PlaceOrder>("orders", keep).consumes<PlaceOrder>("orders", keep);
  add("other").publishes<Reservation>("orders").serves<stock>().serves<stock>();
  configured({});
  CAF_CHECK_EQUAL(mistakes.size(), 4U);
  const auto has = [this](const std::string& part) {
    return std::ranges::any_of(mistakes, [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  CAF_CHECK(has("\"Bad Name\" cannot be the name of a service"));
  CAF_CHECK(has("it consumes from \"orders\" twice"));
  CAF_CHECK(has("it publishes to \"orders\" messages of troupe_test.shop.Reservation, and till has "
                "troupe_test.shop.PlaceOrder there"));
  CAF_CHECK(has("it serves troupe_test.shop.Stock twice"));
  code.services.clear();
  configured({});
  CAF_CHECK_EQUAL(mistakes, lines{"code: program shop: it has no services; expected at least one"});
}

CAF_TEST_FIXTURE_SCOPE_END()
