#define CAF_SUITE http_contract_routes

#include <troupe_test/suite.hpp>

#include "orders.hpp"
#include "support.hpp"

namespace http_test {

CAF_TEST_FIXTURE_SCOPE(http_contract_routes_tests, orders_fixture)

CAF_TEST(a request becomes the message of its path query and body and its answer JSON) {
  const auto placed = ask(request("POST", "/v1/customers/caf%C3%A9%2F7/orders", R"({"item":"tea","count":2})"));
  CAF_CHECK_EQUAL(placed.status, 200U);
  CAF_CHECK_EQUAL(placed.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK_EQUAL(placed.body, R"({"id":"a \"quoted\" id","left":3})");
  CAF_CHECK_EQUAL(placed.header("grpc-metadata-x-shelf"), "7");
  CAF_CHECK_EQUAL(placed.header("grpc-metadata-x-raw-bin"), "(none)");
  CAF_CHECK_EQUAL(ask(get("/order?item=cake&count=1")).status, 200U);
  CAF_CHECK_EQUAL(ask(get("/v1/orders/cake?customer=a%26b")).body, "{}");
  CAF_CHECK_EQUAL(ask(request("DELETE", "/v1/orders/cake:cancel", "")).status, 200U);
  const auto calls = book.all();
  CAF_REQUIRE_EQUAL(calls.size(), 4U);
  CAF_CHECK_EQUAL(calls[0].request, R"(customer: "caf\303\251/7" item: "tea" count: 2)");
  CAF_CHECK_EQUAL(calls[1].request, R"(item: "cake" count: 1)");
  CAF_CHECK_EQUAL(calls[2].request, R"(customer: "a&b" item: "cake")");
  CAF_CHECK_EQUAL(calls[3].request, R"(item: "cake")");
}

CAF_TEST(headers become metadata and those of the connection and of Troupe do not) {
  ask(get("/order?item=tea", "X-Tenant: blue\r\nAuthorization: Bearer t\r\nConnection: keep-alive\r\nTroupe-Timeout: 2S\r\n"
                             "Troupe-Call-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\nX-B3-Sampled: 1\r\n"));
  const auto calls = book.all();
  CAF_REQUIRE_EQUAL(calls.size(), 1U);
  CAF_CHECK(calls[0].metadata == (header_list{{"x-tenant", "blue"}, {"authorization", "Bearer t"}}));
  CAF_CHECK_EQUAL(calls[0].id, "0f8fad5b-d9cb-469f-a165-70867728950e");
  CAF_CHECK(calls[0].within <= 2s);
}

CAF_TEST(an error is the status of the handler under the HTTP status of its code) {
  const auto aborted = ask(get("/v1/orders/unicorn"));
  CAF_CHECK_EQUAL(aborted.status, 409U);
  CAF_CHECK_EQUAL(aborted.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK(aborted.body.find(R"("code":10,"message":"none was ever seen")") != std::string::npos);
  CAF_CHECK(aborted.body.find(R"("@type":"type.googleapis.com/troupe_test.shop.PlaceOrder")") != std::string::npos);
  // The words of an exception are for the operator.
  const auto failed = ask(get("/v1/orders/bug"));
  CAF_CHECK_EQUAL(failed.status, 503U);
  CAF_CHECK(failed.body.find("password") == std::string::npos);
  CAF_CHECK(failed.body.find(R"("code":14)") != std::string::npos);
}

CAF_TEST(a request that has no message is refused with the name of its mistake) {
  const auto unknown = ask(get("/order?itme=tea"));
  CAF_CHECK_EQUAL(unknown.status, 400U);
  CAF_CHECK(unknown.body.find("itme") != std::string::npos);
  const auto number = ask(get("/order?count=many"));
  CAF_CHECK_EQUAL(number.status, 400U);
  CAF_CHECK(number.body.find("count") != std::string::npos);
  CAF_CHECK_EQUAL(ask(request("POST", "/v1/customers/a/orders", "{")).status, 400U);
  CAF_CHECK_EQUAL(ask(get("/order?item=tea", "Troupe-Timeout: soon\r\n")).status, 400U);
  CAF_CHECK(book.all().empty());
}

CAF_TEST(another path is not found and another method is refused with those that are there) {
  CAF_CHECK_EQUAL(ask(get("/v1/orders")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/v1/other/a")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/other")).status, 404U);
  const auto refused = ask(request("PUT", "/v1/orders/tea", "{}"));
  CAF_CHECK_EQUAL(refused.status, 405U);
  CAF_CHECK_EQUAL(refused.header("allow"), "GET");
  const auto asked = ask(request("OPTIONS", "/v1/orders/tea", ""));
  CAF_CHECK_EQUAL(asked.status, 204U);
  CAF_CHECK_EQUAL(asked.header("allow"), "GET");
  auto head = connect();
  head.send("HEAD /v1/orders/tea HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK_EQUAL(head.read(false).status, 200U);
  // Other routes are as they were.
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 200U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace http_test
