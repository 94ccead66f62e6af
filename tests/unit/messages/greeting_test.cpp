#define CAF_SUITE greeting_tree

#include <string>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/greeting.hpp>

#include "generated.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

greeting_tree service(const std::string& name, std::vector<greeting_tree> downstream = {}) {
  greeting_tree tree;
  tree.own.push_back({"id-" + name, name, {}, {}, {}});
  tree.downstream = std::move(downstream);
  return tree;
}

std::string names(const std::vector<greeting>& greetings) {
  std::string all;
  for (const auto& each : greetings)
    all += each.service;
  return all;
}

} // namespace

CAF_TEST(the reference platform is answered in the orders of its two generations) {
  const auto tree = service("A", {service("B", {service("D"), service("E", {service("G"), service("H")})}), service("C")});
  CAF_CHECK_EQUAL(names(flatten(tree, greeting_order::pre_order)), "ABDEGHC");
  CAF_CHECK_EQUAL(names(flatten(tree, greeting_order::post_order)), "DGHEBCA");
}

CAF_TEST(the greetings of a reference peer keep the order in which it sent them) {
  auto peer = service("D");
  peer.own.push_back(service("E").own.front());
  peer.own.push_back(service("B").own.front());
  const auto tree = service("A", {peer, service("C")});
  CAF_CHECK_EQUAL(names(flatten(tree, greeting_order::pre_order)), "ADEBC");
  CAF_CHECK_EQUAL(names(flatten(tree, greeting_order::post_order)), "DEBCA");
}

CAF_TEST(a node without a greeting of its own answers those below it) {
  greeting_tree tree;
  tree.downstream = {service("B"), service("C")};
  CAF_CHECK_EQUAL(names(flatten(tree, greeting_order::pre_order)), "BC");
  CAF_CHECK(flatten({}, greeting_order::post_order).empty());
}

CAF_TEST(what is missing is written as a list of tokens) {
  CAF_CHECK_EQUAL(
    missing_header({{"service-e", "greeting", errc::deadline_exceeded}, {"service-d", "publish", errc::unavailable}}),
    "service-e;part=greeting;error=deadline_exceeded, service-d;part=publish;error=unavailable");
  CAF_CHECK_EQUAL(missing_header({}), "");
}

CAF_TEST(what a token cannot hold is replaced) {
  const auto written = [](std::string service) { return missing_header({{std::move(service), "store", errc::locked}}); };
  const std::string rest = ";part=store;error=locked";
  CAF_CHECK_EQUAL(written("Service E"), "Service-E" + rest);
  CAF_CHECK_EQUAL(written("a,b;c=d\"e\r\n"), "a-b-c-d-e--" + rest);
  CAF_CHECK_EQUAL(written("é"), "*--" + rest);
  CAF_CHECK_EQUAL(written("9to5"), "*9to5" + rest);
  CAF_CHECK_EQUAL(written(""), "*" + rest);
  CAF_CHECK_EQUAL(written("*a!#$%&'*+-.^_`|~:/"), "*a!#$%&'*+-.^_`|~:/" + rest);
}

CAF_TEST(a list is read with any white space and any other parameters) {
  const std::vector<shortfall> both{{"service-e", "greeting", errc::deadline_exceeded},
                                    {"service-d", "publish", errc::unavailable}};
  CAF_CHECK(parse_missing_header("service-e;part=greeting;error=deadline_exceeded, service-d;part=publish;error=unavailable")
            == both);
  CAF_CHECK(
    parse_missing_header(" service-e; error=deadline_exceeded;  part=greeting\t,service-d;retry;after=5;note=\"a;b,\\\"c\""
                         ";part=x;part=publish;error=unavailable ")
    == both);
  CAF_CHECK(parse_missing_header("").empty());
}

CAF_TEST(what is ill formed is skipped and the rest is read) {
  const std::vector<shortfall> good{{"b", "store", errc::locked}};
  for (const std::string bad :
       {"", "a", "a;part=x", "a;error=locked", ";part=x;error=locked", "\"a\";part=x;error=locked", "9;part=x;error=locked",
        "a b;part=x;error=locked", "a;part=\"x\";error=locked", "a;part=;error=locked",
        "a;part=x;error=", "(a b);part=x;error=locked", "a;part=x;error=lo cked", R"("a,;\"b")"}) {
    CAF_CHECK(parse_missing_header(bad + ",b;part=store;error=locked") == good);
    CAF_CHECK(parse_missing_header("b;part=store;error=locked," + bad) == good);
  }
  CAF_CHECK(parse_missing_header("\"never closed,b;part=store;error=locked").empty());
}

CAF_TEST(an error that this version does not know is internal) {
  CAF_CHECK(parse_missing_header("b;part=store;error=from-the-future")
            == std::vector<shortfall>({{"b", "store", errc::internal}}));
}

CAF_TEST(every list that is written is read back as tokens) {
  generated any;
  const std::vector<std::string> tokens{"service-a", "*", "A", "kafka-demo-b", "a.b/c:d", "*9", "greeting"};
  for (int i = 0; i < 10000; ++i) {
    std::vector<shortfall> missing(any.below(5));
    for (auto& each : missing)
      each = {any.one_of(tokens), any.one_of(tokens), any.code()};
    CAF_REQUIRE(parse_missing_header(missing_header(missing)) == missing);
    for (auto& each : missing)
      each = {any.bytes(), any.text(), any.code()};
    const auto text = missing_header(missing);
    CAF_REQUIRE_EQUAL(parse_missing_header(text).size(), missing.size());
    CAF_REQUIRE_EQUAL(missing_header(parse_missing_header(text)), text);
  }
}

CAF_TEST(an order is written in a word that leads back to it) {
  for (const auto order : {greeting_order::pre_order, greeting_order::post_order})
    CAF_CHECK(greeting_order_from_string(to_string(order)) == order);
  CAF_CHECK_EQUAL(std::string{to_string(greeting_order::post_order)}, "post");
  for (const auto* other : {"", "Pre", "pre_order", "post "})
    CAF_CHECK(!greeting_order_from_string(other));
}
