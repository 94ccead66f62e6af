#define CAF_SUITE faults

#include <troupe_test/suite.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <troupe/deploy/host/process/faults.hpp>

#include "reading.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using troupe::actors::disturbance;
using troupe_test::configured;
using lines = std::vector<std::string>;

namespace {

constexpr auto platform = "services:\n"
                          "  front: {gateway: shop}\n"
                          "  shop: {greeter: {greeting: Hi, publish: orders, store: shop.greetings}}\n"
                          "  books: {consumers: [{from: orders, store: books.orders}]}\n"
                          "queues: {orders: }\n";

const lines actors{"bridges/store", "shop/store", "shop/publish-orders", "shop/greeter", "books/consumer"};

process_plan plan_of(const std::string& text = platform, const process_options& options = {}) {
  return std::move(configured(text, options).got.value().plan);
}

struct fixture {
  faults make(process_plan plan = plan_of()) {
    auto targets = fault_targets_of(plan, actors, switches);
    return {plan,
            std::move(targets),
            {[this](const std::string& path, disturbance how) {
               seen.emplace_back(path, how);
               return true;
             },
             troupe::silent_observer(), [this] { return now; }, [] { return troupe::timestamp{1555381396s}; }}};
  }

  fault_switches switches;
  std::vector<std::pair<std::string, disturbance>> seen;
  troupe::instant now{1h};
};

using done = std::vector<std::pair<std::string, disturbance>>;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(faults_tests, fixture)

CAF_TEST(a fault that lasts is listed and ends by itself) {
  auto tested = make();
  const auto begun = tested.begin("hang_actor", "shop/greeter", 10s);
  CAF_REQUIRE(begun);
  constexpr auto as_shown = R"({"number":1,"kind":"hang_actor","target":"shop/greeter",)"
                            R"("since":"2019-04-16T02:23:16Z","ends_in_seconds":10})";
  CAF_CHECK_EQUAL(*begun, as_shown);
  CAF_CHECK(has(tested.list(), std::string{R"("active":[)"} + as_shown + "]}"));
  now += 9999ms;
  tested.tick();
  CAF_CHECK(seen == (done{{"shop/greeter", disturbance::hold}}));
  now += 1ms;
  tested.tick();
  CAF_CHECK(seen == (done{{"shop/greeter", disturbance::hold}, {"shop/greeter", disturbance::restore}}));
  CAF_CHECK(has(tested.list(), R"("active":[]})"));
}

CAF_TEST(what is over at once is not active) {
  auto tested = make();
  const auto begun = tested.begin("end_actor", "books/consumer", 10s);
  CAF_REQUIRE(begun);
  CAF_CHECK(begun->starts_with(R"({"number":0,"kind":"end_actor")"));
  CAF_CHECK(tested.begin("fail_actor", "books/consumer", 10s));
  CAF_CHECK(seen == (done{{"books/consumer", disturbance::kill}, {"books/consumer", disturbance::fail}}));
  CAF_CHECK(has(tested.list(), R"("active":[]})"));
}

CAF_TEST(a channel pauses by the switch of its consumers) {
  auto tested = make();
  const auto pause = switches.pause_of("orders");
  CAF_REQUIRE(tested.begin("pause_channel", "orders", 10s));
  CAF_CHECK(pause->left(now) == troupe::duration{10s});
  CAF_CHECK(tested.targets_under(fault_kind::pause_channel) == (std::set<std::string>{"orders"}));
  CAF_CHECK(tested.end(1));
  CAF_CHECK(pause->left(now) == troupe::duration::zero());
  CAF_CHECK(tested.targets_under(fault_kind::pause_channel).empty());
  CAF_CHECK(tested.end(1).error().code == troupe::errc::not_found);
}

CAF_TEST(a store is delayed to each tick and a called service is cut off from its callers) {
  auto tested = make();
  CAF_REQUIRE(tested.begin("delay_store", "store", 2s));
  CAF_REQUIRE(tested.begin("cut_peer", "shop", 2s));
  now += 1s;
  tested.tick();
  tested.end_all();
  CAF_CHECK(seen
            == (done{{"bridges/store", disturbance::hold},
                     {"shop/greeter", disturbance::cut},
                     {"bridges/store", disturbance::pass},
                     {"bridges/store", disturbance::restore},
                     {"shop/greeter", disturbance::restore}}));
  CAF_CHECK(tested.begin("cut_peer", "shop", 2s).error().code == troupe::errc::shutting_down);
}

CAF_TEST(no two faults act on the same at a time) {
  auto tested = make();
  CAF_REQUIRE(tested.begin("fail_store", "store", 10s));
  CAF_CHECK(tested.begin("hang_actor", "bridges/store", 10s).error().code == troupe::errc::conflict);
  CAF_CHECK(tested.begin("end_actor", "bridges/store", 10s));
  CAF_REQUIRE(tested.end(1));
  CAF_CHECK(tested.begin("hang_actor", "bridges/store", 10s));
}

CAF_TEST(what is not known is reported with the nearest name) {
  auto tested = make();
  const auto kind = tested.begin("end_aktor", "shop/greeter", 10s);
  CAF_CHECK(kind.error().code == troupe::errc::not_found);
  CAF_CHECK_EQUAL(kind.error().reason, "there is no kind of fault 'end_aktor'; nearest: end_actor");
  const auto target = tested.begin("end_actor", "shop/greter", 10s);
  CAF_CHECK(target.error().code == troupe::errc::not_found);
  CAF_CHECK_EQUAL(target.error().reason, "there is no target of end_actor 'shop/greter'; nearest: shop/greeter");
  CAF_CHECK(seen.empty());
}

CAF_TEST(faults are refused wherever others may be harmed unless they are allowed) {
  CAF_CHECK(make().begin("end_actor", "shop/greeter", 10s));
  auto tested = make(plan_of(platform + std::string{"node: {faults: refused}\n"}));
  const auto refused = tested.begin("end_actor", "shop/greeter", 10s);
  CAF_CHECK(refused.error().code == troupe::errc::forbidden);
  CAF_CHECK(has(refused.error().reason, "set node.faults or TROUPE_FAULTS to allowed"));
  CAF_CHECK(has(tested.list(), R"({"allowed":false,"reason":"faults are refused here)"));
  const auto outside = configured(platform, {.admin = ":9000"}, {{"TROUPE_ADMIN_TOKEN", "hush"}});
  CAF_CHECK(outside.got.value().plan.node.faults == fault_permission::refused);
  const auto asked =
    configured(platform, {.admin = ":9000"}, {{"TROUPE_ADMIN_TOKEN", "hush"}, {"TROUPE_FAULTS", "allowed"}});
  CAF_CHECK(asked.got.value().plan.node.faults == fault_permission::allowed);
  CAF_CHECK(plan_of(platform, {.services = {"books"}}).node.faults == fault_permission::refused);
  CAF_CHECK(plan_of(platform, {.admin = "127.0.0.1:9000"}).node.faults == fault_permission::allowed);
}

CAF_TEST(only what can be done is listed) {
  auto tested = make(plan_of("services: {lone: {greeter: {greeting: Hi}}}\n"));
  const auto list = tested.list();
  CAF_CHECK(list.starts_with(R"({"allowed":true,"reason":null,"kinds":[{"kind":"end_actor",)"));
  for (const auto* const kind : {"pause_channel", "open_breaker", "cut_peer", "delay_store", "fail_store"})
    CAF_CHECK(!has(list, kind));
}

CAF_TEST(a service of another process is cut off at its clients alone) {
  const auto plan = plan_of("services:\n"
                            "  a: {greeter: {greeting: Hi, calls: [b, b-c]}}\n"
                            "  b: {address: \"b:1\", greeter: {greeting: Hi}}\n"
                            "  b-c: {address: \"b-c:1\", greeter: {greeting: Hi}}\n",
                            {.services = {"a"}});
  const auto targets = fault_targets_of(
    plan, {"peers/b", "peers/b-client", "peers/b-shop.Stock-client", "peers/b-c-client", "a/b-client"}, switches);
  const auto& cut = targets.at(fault_kind::cut_peer);
  CAF_REQUIRE_EQUAL(cut.size(), 2u);
  CAF_CHECK_EQUAL(cut[0].actors, (lines{"peers/b-client", "peers/b-shop.Stock-client"}));
  CAF_CHECK_EQUAL(cut[1].actors, lines{"peers/b-c-client"});
  CAF_CHECK(targets.at(fault_kind::open_breaker)[0].toggle == switches.breaker_of("b"));
}

CAF_TEST_FIXTURE_SCOPE_END()
