#define CAF_SUITE code_results

#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/deploy/host/topology/check.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>

#include "code_fixture.hpp"

using namespace troupe_test::host_code;

namespace {

Reservation weigh(const PlaceOrder& /*order*/, delivery_context& /*at*/) {
  return {};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(code_results_tests, code_fixture)

CAF_TEST(what a handler gives goes to its channel by a publisher) {
  add("scales").consumes("orders", weigh).into("weights").consumes("weights", [](const Reservation&, delivery_context&) {});
  const auto got = configured({});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(actors(got->plan, "scales"),
                  (lines{"publish-weights", "consumer-handler", "consumer", "consumer-2-handler", "consumer-2",
                         "consumer-subscription", "consumer-2-subscription"}));
  CAF_CHECK_EQUAL(got->plan.services.at(3).consumers.at(0).retry.redelivery.delays.size(), 3U);
  CAF_CHECK(!in_transaction(got->plan, got->plan.services.at(3).consumers.at(0)));
}

CAF_TEST(what a handler gives and its settlement are one transaction between streams of Kafka) {
  add("scales").consumes("orders", weigh, troupe::interleaving::allowed, here).into("weights", here);
  const auto text = std::string{services} + "  scales: {consumers: [{from: orders, retry: ";
  const auto streams = "}]}\nstreams: {orders: {via: kafka}, weights: {via: kafka}}\nnode: {kafka: {brokers: [k:1]}}\n";
  const auto got = configured({text + "{attempts: 1}" + streams});
  CAF_CHECK_EQUAL(mistakes, lines{});
  CAF_REQUIRE(got);
  const auto& consumer = got->plan.services.at(3).consumers.at(0);
  CAF_CHECK(in_transaction(got->plan, consumer));
  CAF_CHECK(consumer.retry.redelivery.delays.empty());
  CAF_CHECK_EQUAL(actors(got->plan, "scales"),
                  (lines{"publish-orders.dlq", "consumer-handler", "consumer", "consumer-subscription"}));
  CAF_CHECK(check_report(*got, code_extension{code}).find("handler to stream weights") != std::string::npos);
  CAF_CHECK_EQUAL(wrong(text + "{delayed: 5s}" + streams),
                  lines{"t.yaml:5:56: \"into\" excludes delayed retries; expected \"delayed: none\" below its \"retry\""});
}

CAF_TEST(what a handler gives needs one channel that exists) {
  add("scales").consumes("orders", weigh, troupe::interleaving::allowed, here).into("wieghts", here);
  CAF_CHECK_EQUAL(wrong(std::string{services} + "  scales: {}\nstreams: {orders: , weights: }\n").back(),
                  place
                    + "scales: there is no stream or queue \"wieghts\"; expected a name below \"streams\" or "
                      "\"queues\"; did you mean \"weights\"?");
  code.services.pop_back();
  add("scales").consumes("orders", weigh, troupe::interleaving::allowed, here).into("orders", here);
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  (lines{place
                           + "scales: it publishes to \"orders\" messages of troupe_test.shop.Reservation, and till has "
                             "troupe_test.shop.PlaceOrder there; expected one type of messages in a channel",
                         place + "scales: it would publish to \"orders\", which it consumes; expected another channel"}));
  code.services.pop_back();
  static_cast<void>(add("scales").consumes("orders", weigh, troupe::interleaving::allowed, here));
  configured({});
  CAF_CHECK_EQUAL(mistakes,
                  lines{place
                        + "scales: its handler of \"orders\" gives messages of troupe_test.shop.Reservation, and nothing "
                          "says where they go; expected .into(CHANNEL) behind \"consumes\""});
  CAF_CHECK_EQUAL(wrong(std::string{services}
                        + "  scales: {consumers: [{from: orders, into: weights}]}\n"
                          "streams: {orders: , weights: }\n")
                    .front(),
                  "t.yaml:5:45: the deliveries of \"orders\" are handled by code; expected neither \"store\" nor \"into\"");
}

CAF_TEST_FIXTURE_SCOPE_END()
