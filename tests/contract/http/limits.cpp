#define CAF_SUITE http_limits

#include <troupe_test/suite.hpp>

#include "support.hpp"

using namespace http_test;

CAF_TEST_FIXTURE_SCOPE(http_limits_tests, edge_fixture)

namespace {

void check_refusal(const client::answer& answer, unsigned status) {
  CAF_CHECK_EQUAL(answer.status, status);
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK_EQUAL(answer.header("content-type"), "application/problem+json");
}

} // namespace

CAF_TEST(a body of exactly the limit is taken and one byte more is refused before it is sent) {
  listen();
  const std::string full(1024 * 1024, 'x');
  CAF_CHECK_EQUAL(ask(request("POST", "/api/request-echo", full)).status, 200U);
  auto one = connect();
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n");
  check_refusal(one.read(), 413);
  CAF_CHECK(one.closed());
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=body_too_large"), 1);
}

CAF_TEST(a refusal can be read while the client still sends its body) {
  listen();
  auto one = connect();
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n");
  one.try_send(std::string(3'000'000, 'x'));
  check_refusal(one.read(), 413);
}

CAF_TEST(after a refusal what the client still sends is taken so that it is not reset) {
  config.patience.linger = patience;
  listen();
  auto one = connect();
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n");
  check_refusal(one.read(), 413);
  for (int count = 0; count < 30; ++count)
    CAF_REQUIRE(one.try_send(std::string(100'000, 'x')));
}

CAF_TEST(chunks that add up to more than the limit are refused) {
  config.bounds.body_bytes = 20;
  listen();
  auto one = connect();
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  one.send("A\r\n0123456789\r\nA\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n");
  check_refusal(one.read(), 413);
}

CAF_TEST(a header over the limit is refused however it is cut) {
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/health", "X-Long: " + std::string(16'000, 'x') + "\r\n")).status, 200U);
  check_refusal(ask(get("/api/health", "X-Long: " + std::string(17'000, 'x') + "\r\n")), 431);
  check_refusal(ask(get("/" + std::string(17'000, 'x'))), 431);
  std::string many;
  for (int count = 0; count < 20; ++count)
    many += "X-Part: " + std::string(1000, 'x') + "\r\n";
  check_refusal(ask(get("/api/health", many)), 431);
  auto one = connect();
  one.send("GET /api/health HTTP/1.1\r\nHost: localhost\r\n");
  bool open = true;
  for (int count = 0; count < 20 && open; ++count)
    open = one.try_send("X-Part: " + std::string(1000, 'x') + "\r\n");
  check_refusal(one.read(), 431);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=header_too_large"), 4);
}

CAF_TEST(more fields than anybody needs are refused) {
  listen();
  std::string many;
  for (int count = 0; count < 130; ++count)
    many += "a:b\r\n";
  check_refusal(ask(get("/api/health", many)), 431);
}

CAF_TEST(a slow header is refused and its neighbours are served) {
  config.patience.header = 100ms;
  listen();
  auto slow = connect();
  slow.send("GET /api/health HTTP/1.1\r\nHost: local");
  auto neighbour = connect();
  neighbour.send(get("/api/health"));
  CAF_CHECK_EQUAL(neighbour.read().status, 200U);
  const auto answer = slow.read();
  check_refusal(answer, 408);
  CAF_CHECK(slow.closed());
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=slow_request"), 1);
}

CAF_TEST(bytes that trickle in do not extend the time for a header) {
  config.patience.header = 100ms;
  listen();
  auto slow = connect();
  slow.send("GET /api/health HTTP/1.1\r\n");
  // At a pace that would renew the time for ever.
  const auto until = std::chrono::steady_clock::now() + patience;
  bool answered = false;
  while (!answered && std::chrono::steady_clock::now() < until) {
    slow.try_send("a");
    answered = slow.readable_within(5ms);
  }
  CAF_REQUIRE(answered); // while it still sent
  check_refusal(slow.read(), 408);
}

CAF_TEST(a slow body is refused) {
  config.patience.body = 50ms;
  listen();
  auto slow = connect();
  slow.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  check_refusal(slow.read(), 408);
}

CAF_TEST(an idle connection is closed without a word) {
  config.patience.idle = 50ms;
  listen();
  auto never = connect();
  auto once = connect();
  once.send(get("/api/health"));
  CAF_CHECK_EQUAL(once.read().status, 200U);
  CAF_CHECK(once.closed());
  CAF_CHECK(never.closed());
}

CAF_TEST(a client that does not read its answer is cut off) {
  config.patience.write = 100ms;
  ports.routes.push_back({"/large", {http::method::get}, [](const http::request&) {
                            return http::response{200, http::media_type::text, std::string(64'000'000, 'x'), {}, {}};
                          }});
  listen();
  auto deaf = connect();
  deaf.send(get("/large"));
  CAF_CHECK(watcher->reaches("troupe_http_connections", "edge", 1));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (watcher->value("troupe_http_connections") > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK_EQUAL(watcher->value("troupe_http_connections"), 0);
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
}

CAF_TEST(a client that reads slowly gets everything) {
  ports.routes.push_back({"/large", {http::method::get}, [](const http::request&) {
                            return http::response{200, http::media_type::text, std::string(8'000'000, 'x'), {}, {}};
                          }});
  listen();
  auto one = connect();
  one.send(get("/large") + get("/api/health"));
  CAF_CHECK_EQUAL(one.read().body.size(), 8'000'000U);
  CAF_CHECK_EQUAL(one.read().status, 200U);
}

CAF_TEST(requests beyond the bound in flight are refused and counted while health is still answered) {
  config.bounds.in_flight = 2;
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto first = connect();
  auto second = connect();
  first.send(get("/api/greeting"));
  second.send(get("/api/greeting"));
  greeter_script->call(2);
  const auto refused = ask(get("/api/greeting"));
  CAF_CHECK_EQUAL(refused.status, 503U);
  CAF_CHECK_EQUAL(refused.header("retry-after"), "1");
  CAF_CHECK_NOT_EQUAL(refused.body.find("overloaded"), std::string::npos);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=in_flight_bound"), 1);
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
  release();
  CAF_CHECK_EQUAL(first.read().status, 200U);
  CAF_CHECK_EQUAL(second.read().status, 200U);
  greeter_script->answer_by([](const greet&) { return two_greetings(); });
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 200U);
  CAF_CHECK(watcher->falls_to("troupe_http_requests_in_flight", {}, 0));
}

CAF_TEST(connections beyond the bound are answered so and closed) {
  config.bounds.connections = 2;
  listen();
  auto first = connect();
  auto second = connect();
  first.send(get("/api/health"));
  second.send(get("/api/health"));
  CAF_CHECK_EQUAL(first.read().status, 200U);
  CAF_CHECK_EQUAL(second.read().status, 200U);
  auto third = connect();
  third.send(get("/api/health"));
  const auto refused = third.read();
  check_refusal(refused, 503);
  CAF_CHECK_EQUAL(refused.header("retry-after"), "1");
  CAF_CHECK(third.closed());
  third.close();
  first.send(get("/api/health"));
  CAF_CHECK_EQUAL(first.read().status, 200U);
  CAF_CHECK_EQUAL(watcher->value("troupe_http_refused_total", "reason=connection_bound"), 1);
}

CAF_TEST(beyond the bound of connections probes and metrics are answered) {
  config.bounds.connections = 1;
  listen();
  auto first = connect();
  first.send(get("/api/health"));
  CAF_CHECK_EQUAL(first.read().status, 200U);
  for (const auto* const path : {"/livez", "/readyz", "/metrics"}) {
    auto one = connect();
    one.send(get(path));
    const auto answer = one.read();
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.header("connection"), "close");
    CAF_CHECK(one.closed());
  }
  check_refusal(ask(get("/api/greeting")), 503);
  CAF_CHECK_EQUAL(ask(get("/nothing")).status, 503U);
  CAF_CHECK(watcher->falls_to("troupe_http_connections", "edge", 1));
  first.close();
  CAF_CHECK(watcher->falls_to("troupe_http_connections", "edge", 0));
  CAF_CHECK_EQUAL(ask(get("/api/greeting")).status, 200U);
}

CAF_TEST(a connection beyond the bound that says nothing is answered so soon and gives way to the next at once) {
  config.bounds.connections = 1;
  config.bounds.reserved = 2;
  config.patience.reserved = 50ms;
  listen();
  auto first = connect();
  first.send(get("/api/health"));
  CAF_CHECK_EQUAL(first.read().status, 200U);
  auto silent = connect();
  check_refusal(silent.read(), 503);
  CAF_CHECK(silent.closed());
  config.patience.reserved = 1h;
  config.listen = {"127.0.0.1", 0};
  first.close();
  served.reset();
  listen();
  auto holder = connect();
  holder.send(get("/api/health"));
  CAF_CHECK_EQUAL(holder.read().status, 200U);
  std::vector<client> others;
  for (int count = 0; count < 10; ++count)
    others.push_back(connect());
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
  CAF_CHECK(others.front().closed());
  CAF_CHECK(!others.back().readable_within(0ms));
}

CAF_TEST(requests that do not wait for their answers leave slots to those that do) {
  config.bounds.in_flight = 8;
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  std::vector<client> greedy;
  for (int count = 0; count < 6; ++count) {
    greedy.push_back(connect());
    greedy.back().send(get("/api/greeting") + get("/api/greeting") + get("/api/greeting"));
  }
  greeter_script->call(4);
  auto patient = connect();
  patient.send(get("/api/greeting"));
  greeter_script->call(5);
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
  CAF_CHECK_EQUAL(greeter_script->calls(), 5U);
  greeter_script->answer_by([](const greet&) { return two_greetings(); });
  release();
  CAF_CHECK_EQUAL(patient.read().status, 200U);
  for (auto& each : greedy)
    for (int count = 0; count < 3; ++count)
      CAF_CHECK_EQUAL(each.read().status, 200U);
}

CAF_TEST(one that waits in line for a slot and leaves frees its place) {
  config.bounds.in_flight = 2;
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto first = connect();
  auto leaves = connect();
  auto stays = connect();
  first.send(get("/api/greeting") + get("/api/health"));
  greeter_script->call(1);
  leaves.send(get("/api/greeting") + get("/api/health"));
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U); // what was sent before has been looked at
  stays.send(get("/api/greeting") + get("/api/health"));
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
  leaves.reset();
  CAF_CHECK(watcher->falls_to("troupe_http_connections", "edge", 2));
  greeter_script->answer_by([](const greet&) { return two_greetings(); });
  release();
  for (auto* const each : {&first, &stays})
    for (int count = 0; count < 2; ++count)
      CAF_CHECK_EQUAL(each->read().status, 200U);
}

CAF_TEST(answers that are not taken are bounded together and the slowest client is cut off first) {
  config.bounds.untaken_bytes = 20'000'000;
  ports.routes.push_back({"/large", {http::method::get}, [](const http::request&) {
                            return http::response{200, http::media_type::text, std::string(16'000'000, 'x'), {}, {}};
                          }});
  listen();
  auto first = connect();
  first.send(get("/large"));
  CAF_CHECK(first.readable_within(20s));
  auto second = connect();
  second.send(get("/large"));
  CAF_CHECK(watcher->reaches("troupe_http_untaken_answers_total", "edge", 1));
  CAF_CHECK_EQUAL(second.read().body.size(), 16'000'000U);
  CAF_CHECK_EQUAL(ask(get("/livez")).status, 200U);
}

CAF_TEST(malformed requests are refused one by one and disturb nobody) {
  struct row {
    std::string sent;
    unsigned status;
  };
  const std::string line = "POST /api/request-echo HTTP/1.1\r\n";
  const std::string host = "Host: localhost\r\n";
  listen();
  auto neighbour = connect();
  for (const auto& [sent, status] : {
         row{"nonsense\r\n\r\n", 400},
         row{"\x16\x03\x01\x02\x01\x01\xfc\x03\x03 a TLS greeting \r\n\r\n", 400},
         row{"GET /api/health HTTP/2.0\r\n" + host + "\r\n", 400},
         row{"GET  /api/health HTTP/1.1\r\n" + host + "\r\n", 400},
         row{"GET /api/health\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\r\n\r\n", 400},                    // no Host
         row{"GET /api/health HTTP/1.1\r\n" + host + host + "\r\n", 400}, // two
         row{"GET /api/health HTTP/1.1\r\nHost: user@localhost\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\r\nHost: localhost:port\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\r\n" + host + "Bad Name: x\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\r\n" + host + "Name : x\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\r\n" + host + "Name: \x01\r\n\r\n", 400},
         row{"GET /api/health HTTP/1.1\n" + host + "\n\n\r\n\r\n", 400},                             // bare line feeds
         row{line + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400}, // smuggling shapes
         row{line + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
         row{line + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
         row{line + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
         row{line + host + "Content-Length: 3, 3\r\n\r\nabc", 400},
         row{line + host + "Content-Length: +3\r\n\r\nabc", 400},
         row{line + host + "Content-Length: -3\r\n\r\nabc", 400},
         row{line + host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
         row{line + host + "Transfer-Encoding: gzip\r\n\r\n", 501},
         row{line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
         row{line + host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
         row{line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
         row{line + host + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400},
         row{"POST /api/request-echo HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
         row{line + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400}, // bad chunks
         row{line + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n", 400},
         row{line + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400},
         row{line + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n", 400},
         row{line + host + "Expect: the-unexpected\r\nContent-Length: 1\r\n\r\n", 417},
       }) {
    auto one = connect();
    one.send(sent);
    const auto answer = one.read();
    CAF_MESSAGE(sent);
    check_refusal(answer, status);
    neighbour.send(get("/api/health"));
    CAF_CHECK_EQUAL(neighbour.read().status, 200U);
  }
}

CAF_TEST(targets that cannot be understood are bad requests on a connection that goes on) {
  listen();
  auto one = connect();
  for (const auto* const target : {"/%zz", "/%", "/%0", "/a%00b", "/a%0ab", "/a#b", "*", "localhost:80", "ftp://localhost/",
                                   "http://", "http://user@localhost/", "http://localhost:port/", "api/health"}) {
    CAF_MESSAGE(target);
    one.send(get(target));
    CAF_CHECK_EQUAL(one.read().status, 400U);
  }
  one.send("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK_EQUAL(one.read().status, 400U);
  one.send(get("/api/health"));
  CAF_CHECK_EQUAL(one.read().status, 200U);
}

CAF_TEST(the absolute form and escapes of ordinary characters find their route) {
  listen();
  CAF_CHECK_EQUAL(ask(get("http://example.com/api/health?x=1")).status, 200U);
  CAF_CHECK_EQUAL(ask(get("HTTP://[::1]:8080/api/health")).status, 200U);
  CAF_CHECK_EQUAL(ask(get("/%61pi/health")).status, 200U);
  CAF_CHECK_EQUAL(ask(get("/api%2Fhealth")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/api/../api/health")).status, 404U);
  CAF_CHECK_EQUAL(ask(get("/api/health/")).status, 404U);
}

CAF_TEST_FIXTURE_SCOPE_END()
