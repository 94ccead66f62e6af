#define CAF_SUITE http_contract_client

#include <troupe_test/suite.hpp>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <troupe/actors/contracts/resilient_client.hpp>
#include <troupe/messages/contracts/status.hpp>

#include "bare_server.hpp"
#include "contract_caller.hpp"
#include "orders.hpp"
#include "support.hpp"

namespace http_test {

namespace {

using boost::asio::ip::tcp;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const MethodDescriptor* method_named(const char* name) {
  return orders_service::contract().FindMethodByName(name);
}

contract_call call_of(const char* method, PlaceOrder request, header_list metadata = {}, duration within = patience) {
  return {method_named(method),
          std::make_shared<PlaceOrder>(std::move(request)),
          {.id = random_uuid(system_random()),
           .trace = {},
           .answer_by = deadline::after(within, steady_now()),
           .metadata = std::move(metadata)}};
}

PlaceOrder order_of(const std::string& item, const std::string& customer = {}) {
  PlaceOrder result;
  result.set_item(item);
  result.set_customer(customer);
  return result;
}

/// A client of the contract, before the edge of the fixture or another server.
struct calls_fixture : orders_fixture {
  contract_actor client_at(const std::string& target,
                           const std::vector<const ServiceDescriptor*>& contracts = {&orders_service::contract()}) {
    return caller.client_at(target, contracts);
  }
  contract_actor client_of(const bare_server& server) {
    return client_at("http://127.0.0.1:" + std::to_string(server.port()));
  }

  contract_actor resilient(const contract_actor& to, policies::callee kind) {
    actors::resilient_client_config with;
    with.name = "remote";
    with.to = to;
    with.callee = kind;
    return caller.keep(actors::spawn_resilient_client(unsupervised(system, "service-a/calls", watcher), with));
  }

  expected<contract_answer> send(const contract_actor& to, contract_call call) { return caller.send(to, std::move(call)); }

  contract_caller caller{system, watcher};
};

/// What a server was sent, each with its body.
class requests_seen {
public:
  std::string take(bare_connection& from) {
    auto request = from.request();
    constexpr std::string_view length = "Content-Length: ";
    if (const auto at = request.find(length); at != std::string::npos)
      request += from.body(std::stoul(request.substr(at + length.size())));
    const std::scoped_lock lock{guard_};
    seen_.push_back(request);
    return request;
  }
  std::vector<std::string> all() const {
    const std::scoped_lock lock{guard_};
    return seen_;
  }

private:
  mutable std::mutex guard_;
  std::vector<std::string> seen_;
};

std::string header_of(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  const auto begin = at + name.size() + 4;
  return at == std::string::npos ? "(none)" : request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string answer_of(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_contract_client_tests, calls_fixture)

CAF_TEST(a call is what the handler of another process gets and its answer comes back with its metadata) {
  const auto tested = client_at("http://" + to_string(served->local()));
  auto order = order_of("t\"a/b? c", "caf\xc3\xa9/7");
  order.set_count(2);
  const auto sent =
    call_of("Place", order, {{"x-tenant", "blue"}, {"host", "elsewhere"}, {"x-raw-bin", "\x01"}, {"bad name", "x"}});
  const auto placed = send(tested, sent);
  CAF_REQUIRE(placed);
  CAF_CHECK_EQUAL(placed->response->ShortDebugString(), R"(id: "a \"quoted\" id" left: 3)");
  CAF_CHECK(placed->metadata == (header_list{{"x-shelf", "7"}}));
  CAF_CHECK(send(tested, call_of("GetHTTPInfo", order)));
  CAF_CHECK(send(tested, call_of("Delete", order_of("cake"))));
  const auto calls = book.all();
  CAF_REQUIRE_EQUAL(calls.size(), 3U);
  CAF_CHECK_EQUAL(calls[0].request, order.ShortDebugString());
  CAF_CHECK_EQUAL(calls[0].id, sent.context.id);
  CAF_CHECK(calls[0].within <= patience);
  CAF_CHECK(calls[0].metadata == (header_list{{"accept", "application/json"}, {"x-tenant", "blue"}}));
  CAF_CHECK_EQUAL(calls[1].request, order.ShortDebugString());
  CAF_CHECK_EQUAL(calls[2].request, R"(item: "cake")");
}

CAF_TEST(the status of a handler comes back exactly with its details) {
  const auto tested = client_at("http://" + to_string(served->local()));
  const auto refused = send(tested, call_of("GetHTTPInfo", order_of("unicorn")));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::conflict);
  const auto status = contracts::to_status(refused.error());
  CAF_CHECK_EQUAL(status.code(), static_cast<int>(contracts::status_code::aborted));
  CAF_CHECK_EQUAL(status.message(), "none was ever seen");
  CAF_REQUIRE_EQUAL(status.details_size(), 1);
  PlaceOrder detail;
  CAF_REQUIRE(status.details(0).UnpackTo(&detail));
  CAF_CHECK_EQUAL(detail.item(), "unicorn");
  const auto failed = send(tested, call_of("GetHTTPInfo", order_of("bug")));
  CAF_REQUIRE(!failed);
  CAF_CHECK(failed.error().code == errc::unavailable);
}

CAF_TEST(a request is written as its route says below the path of the address) {
  requests_seen seen;
  const bare_server server{[&](bare_connection& one) {
    for (int each = 0; each != 2; ++each)
      if (!seen.take(one).empty())
        one.send(ok("{\"id\":\"7\",\"of_later\":1}"));
  }};
  const auto tested = client_at("http://127.0.0.1:" + std::to_string(server.port()) + "/shop/");
  const auto placed = send(tested, call_of("Place", order_of("tea", "a/b c")));
  CAF_REQUIRE(placed);
  CAF_CHECK_EQUAL(placed->response->ShortDebugString(), R"(id: "7")");
  CAF_CHECK(send(tested, call_of("GetHTTPInfo", order_of("tea", "a&b"))));
  const auto requests = seen.all();
  CAF_REQUIRE_EQUAL(requests.size(), 2U);
  CAF_CHECK(requests[0].starts_with("POST /shop/v1/customers/a%2Fb%20c/orders HTTP/1.1\r\n"));
  CAF_CHECK_EQUAL(header_of(requests[0], "Host"), "127.0.0.1:" + std::to_string(server.port()));
  CAF_CHECK_EQUAL(header_of(requests[0], "Content-Type"), "application/json");
  CAF_CHECK_EQUAL(header_of(requests[0], "Content-Length"), "14");
  CAF_CHECK(requests[0].ends_with("\r\n\r\n{\"item\":\"tea\"}"));
  CAF_CHECK(requests[1].starts_with("GET /shop/v1/orders/tea?customer=a%26b HTTP/1.1\r\n"));
  CAF_CHECK_EQUAL(header_of(requests[1], "Content-Length"), "(none)");
  CAF_CHECK_EQUAL(server.connections(), 1U);
}

CAF_TEST(an answer that is no success has the error of its status) {
  std::mutex guard;
  std::string next;
  const bare_server server{[&](bare_connection& one) {
    while (!one.request().empty()) {
      const std::scoped_lock lock{guard};
      one.send(next);
    }
  }};
  const auto tested = client_of(server);
  const auto error_after = [&](std::string answer) {
    {
      const std::scoped_lock lock{guard};
      next = std::move(answer);
    }
    const auto got = send(tested, call_of("GetHTTPInfo", order_of("tea")));
    return got ? std::string{"accepted"} : to_string(got.error());
  };
  CAF_CHECK_EQUAL(error_after(answer_of("404 Not Found", "<html>")), "not_found: remote: it answered 404");
  CAF_CHECK_EQUAL(error_after(answer_of("404 Not Found", R"({"code":5,"message":"gone"})")), "not_found: gone");
  CAF_CHECK_EQUAL(error_after(answer_of("404 Not Found", R"({"code":7,"message":"else"})")),
                  "not_found: remote: it answered 404");
  CAF_CHECK_EQUAL(error_after(answer_of("302 Found", {})), "rejected: remote: it answered 302");
  CAF_CHECK_EQUAL(error_after(answer_of("429 Too Many Requests", {})), "throttled: remote: it answered 429");
  CAF_CHECK(error_after(answer_of("200 OK", "<html>")).starts_with("internal: remote: "));
  CAF_CHECK(error_after(answer_of("200 OK", R"({"left":"many"})")).starts_with("internal: remote: "));
  CAF_CHECK_EQUAL(error_after("HTTP/1.1 204 No Content\r\n\r\n"), "accepted");
}

CAF_TEST(a call that no route can carry is refused and nothing is sent) {
  const bare_server server{[](bare_connection& one) { static_cast<void>(one.request()); }};
  const auto tested = client_of(server);
  const auto unnamed = send(tested, call_of("GetHTTPInfo", {}));
  CAF_REQUIRE(!unnamed);
  CAF_CHECK(unnamed.error().code == errc::invalid);
  CAF_CHECK(unnamed.error().reason.find("path variable item is empty") != std::string::npos);
  auto other = call_of("Delete", order_of("tea"));
  other.method = stock_service::contract().method(0);
  const auto unsupported = send(tested, std::move(other));
  CAF_REQUIRE(!unsupported);
  CAF_CHECK(unsupported.error().code == errc::unsupported);
  CAF_CHECK_EQUAL(server.connections(), 0U);
}

CAF_TEST(a call ends at its deadline and says how long it may take) {
  requests_seen seen;
  bare_server server{[&](bare_connection& one) {
    seen.take(one);
    static_cast<void>(one.closed_by_client());
  }};
  const auto late = send(client_of(server), call_of("Place", order_of("tea", "me"), {}, 2s));
  CAF_REQUIRE(!late);
  CAF_CHECK(late.error().code == errc::deadline_exceeded);
  CAF_REQUIRE(server.ended(1));
  CAF_CHECK_NOT_EQUAL(header_of(seen.all().front(), "troupe-timeout"), "(none)");
}

CAF_TEST(what may have been handled is repeated only where its method is declared idempotent) {
  requests_seen seen;
  const bare_server server{[&](bare_connection& one) {
    const bool is_first = seen.all().empty();
    seen.take(one);
    if (!is_first)
      one.send(ok("{}"));
  }};
  const auto tested = resilient(client_of(server), policies::callee::any);
  const auto repeated = call_of("Delete", order_of("tea"));
  CAF_CHECK(send(tested, repeated));
  auto requests = seen.all();
  CAF_REQUIRE_EQUAL(requests.size(), 2U);
  CAF_CHECK_EQUAL(header_of(requests[0], "troupe-call-id"), repeated.context.id);
  CAF_CHECK_EQUAL(header_of(requests[1], "troupe-call-id"), repeated.context.id);

  requests_seen once;
  const bare_server cut{[&](bare_connection& one) { once.take(one); }};
  const auto lost = send(resilient(client_of(cut), policies::callee::any), call_of("Place", order_of("tea", "me")));
  CAF_REQUIRE(!lost);
  CAF_CHECK(lost.error().code == errc::outcome_unknown);
  CAF_CHECK_EQUAL(once.all().size(), 1U);
}

CAF_TEST(a call of nobody was not sent) {
  // Bound, so that no other server takes the port, and not listening.
  boost::asio::io_context io;
  tcp::acceptor nobody{io, tcp::v4()};
  nobody.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
  const auto port = nobody.local_endpoint().port();
  const auto refused = send(client_at("http://127.0.0.1:" + std::to_string(port)), call_of("Place", order_of("tea", "me")));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::not_sent);
}

CAF_TEST(a contract without routes and a target with a query are refused) {
  CAF_CHECK_EQUAL(http::mistakes_of_client(orders_service::contract()).size(), 0U);
  CAF_CHECK_EQUAL(http::mistakes_of_client(stock_service::contract()).front(),
                  "no method of troupe_test.shop.Stock has a google.api.http option");
  CAF_CHECK_THROWS_AS(client_at("http://127.0.0.1:1", {&stock_service::contract()}), std::invalid_argument);
  CAF_CHECK_THROWS_AS(client_at("http://127.0.0.1:1/?a=b"), std::invalid_argument);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace http_test
