#define CAF_SUITE http_clients

#include <troupe_test/suite.hpp>

#include "support.hpp"

using namespace http_test;

CAF_TEST_FIXTURE_SCOPE(http_clients_tests, edge_fixture)

CAF_TEST(a connection serves one request after the other) {
  listen();
  auto one = connect();
  for (int count = 0; count < 50; ++count) {
    one.send(get("/api/greeting"));
    const auto answer = one.read();
    CAF_REQUIRE_EQUAL(answer.status, 200U);
    CAF_REQUIRE_EQUAL(answer.header("connection"), "(none)");
  }
  CAF_CHECK_EQUAL(watcher->value("troupe_http_connections"), 1);
}

CAF_TEST(a client that wants to close is closed after its answer) {
  listen();
  auto one = connect();
  one.send(get("/api/greeting", "Connection: close\r\n") + get("/api/greeting"));
  const auto answer = one.read();
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK(one.closed());
  CAF_CHECK_EQUAL(greeter_script->calls(), 1U);
}

CAF_TEST(an HTTP 1 0 client is closed unless it asks to stay) {
  listen();
  auto leaves = connect();
  leaves.send("GET /api/greeting HTTP/1.0\r\n\r\n");
  const auto last = leaves.read();
  CAF_CHECK_EQUAL(last.status, 200U);
  CAF_CHECK_EQUAL(last.header("connection"), "close");
  CAF_CHECK(leaves.closed());
  auto stays = connect();
  for (int count = 0; count < 2; ++count) {
    stays.send("GET /api/greeting HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = stays.read();
    CAF_CHECK_EQUAL(answer.status, 200U);
    CAF_CHECK_EQUAL(answer.header("connection"), "keep-alive");
  }
}

CAF_TEST(pipelined requests are answered in their order) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto one = connect();
  one.send(get("/api/status/201") + get("/api/greeting") + get("/api/status/202") + get("/nothing"));
  // The answer before the one that waits does not wait with it.
  CAF_CHECK_EQUAL(one.read().status, 201U);
  greeter_script->call(1);
  release();
  CAF_CHECK_NOT_EQUAL(one.read().body.find("Namaste"), std::string::npos);
  CAF_CHECK_EQUAL(one.read().status, 202U);
  CAF_CHECK_EQUAL(one.read().status, 404U);
}

CAF_TEST(a long pipeline is answered to its end) {
  config.bounds.pipelined = 4;
  listen();
  auto one = connect();
  std::string all;
  for (unsigned count = 0; count < 500; ++count)
    all += get("/api/status/" + std::to_string(200 + count % 4));
  one.send(all);
  for (unsigned count = 0; count < 500; ++count)
    CAF_REQUIRE_EQUAL(one.read().status, 200 + count % 4);
}

CAF_TEST(one request under way per connection is all that a pipeline gets) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto one = connect();
  one.send(get("/api/greeting") + get("/api/greeting") + get("/api/greeting"));
  for (std::size_t count = 1; count <= 3; ++count) {
    greeter_script->call(count);
    CAF_CHECK_EQUAL(greeter_script->calls(), count);
    release();
    CAF_CHECK_EQUAL(one.read().status, 200U);
  }
}

CAF_TEST(a request may come byte by byte) {
  listen();
  auto one = connect();
  for (const char c : request("POST", "/api/request-echo", "body"))
    one.send({&c, 1});
  CAF_CHECK_EQUAL(one.read().status, 200U);
  for (const char c : std::string{"PUT /api/request-echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "4;ext=1\r\nbody\r\n3\r\n!!!\r\n0\r\nTrailer: t\r\n\r\n"})
    one.send({&c, 1});
  const auto answer = one.read();
  CAF_CHECK_EQUAL(answer.body.substr(answer.body.find("\r\n\r\n") + 4), "body!!!");
  CAF_CHECK_EQUAL(answer.body.find("Trailer"), std::string::npos);
}

CAF_TEST(a client that waits for 100 Continue gets it before its answer) {
  listen();
  auto one = connect();
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CAF_CHECK_EQUAL(one.read().status, 100U);
  one.send("body");
  CAF_CHECK_EQUAL(one.read().status, 200U);
  // One that sends its body at once, and one that is refused, do not.
  one.send(request("POST", "/api/request-echo", "body", "Expect: 100-continue\r\n"));
  CAF_CHECK_EQUAL(one.read().status, 200U);
  one.send("POST /api/request-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n");
  CAF_CHECK_EQUAL(one.read().status, 413U);
}

CAF_TEST(a client that leaves while its request is under way is noticed) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto first = connect();
  first.send(get("/api/greeting"));
  greeter_script->call(1);
  first.reset();
  CAF_CHECK(watcher->reaches("troupe_http_clients_gone_total", "edge", 1));
  auto resets = connect();
  resets.send(get("/api/greeting"));
  greeter_script->call(2);
  resets.reset();
  CAF_CHECK(watcher->reaches("troupe_http_clients_gone_total", "edge", 2));
  CAF_CHECK(watcher->falls_to("troupe_http_requests_in_flight", {}, 0));
  release();
  CAF_CHECK(watcher->reaches("troupe_http_late_answers_total", "edge", 2));
  CAF_CHECK_EQUAL(watcher->value("troupe_http_requests_total", "route=/api/greeting"), 0);
}

CAF_TEST(a client that ends its half after its request is answered on every route) {
  config.deadline = 1h;
  listen();
  for (const auto* const path : {"/api/greeting", "/api/v1/greeting", "/api/health", "/livez", "/readyz", "/metrics",
                                 "/api/status/404", "/api/request-echo", "/nothing"}) {
    CAF_MESSAGE(path);
    auto one = connect();
    one.send(get(path));
    one.end_sending();
    CAF_CHECK_NOT_EQUAL(one.read().status, 0U);
    CAF_CHECK(one.closed());
  }
  CAF_CHECK_EQUAL(watcher->value("troupe_http_clients_gone_total"), 0);
}

CAF_TEST(a client that ended its half while it is waited for is answered and one that resets then abandons its call) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto waits = connect();
  auto leaves = connect();
  waits.send(get("/api/greeting"));
  leaves.send(get("/api/greeting"));
  waits.end_sending();
  leaves.end_sending();
  greeter_script->call(2);
  leaves.reset();
  CAF_CHECK(watcher->reaches("troupe_http_clients_gone_total", "edge", 1));
  release();
  CAF_CHECK_EQUAL(waits.read().status, 200U);
  CAF_CHECK(waits.closed());
  CAF_CHECK_EQUAL(watcher->value("troupe_http_clients_gone_total"), 1);
}

CAF_TEST(all requests of a pipeline are answered after the client has ended its half) {
  listen();
  auto one = connect();
  std::string all;
  for (int count = 0; count < 40; ++count)
    all += get(count % 2 == 0 ? "/api/health" : "/api/greeting");
  one.send(all);
  one.end_sending();
  for (int count = 0; count < 40; ++count)
    CAF_CHECK_EQUAL(one.read().status, 200U);
  CAF_CHECK(one.closed());
}

CAF_TEST(a late answer never reaches the connection that took the place of the one that left) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto leaves = connect();
  leaves.send(get("/api/greeting"));
  greeter_script->call(1);
  leaves.reset();
  CAF_CHECK(watcher->reaches("troupe_http_clients_gone_total", "edge", 1));
  auto next = connect();
  next.send(get("/api/v1/greeting"));
  greeter_script->call(2);
  release();
  CAF_CHECK_EQUAL(next.read().body.substr(0, 12), R"({"greeting":)");
  CAF_CHECK(watcher->reaches("troupe_http_late_answers_total", "edge", 1));
}

CAF_TEST(a client that ends in the middle of a request leaves nothing behind) {
  listen();
  for (const auto* const part :
       {"", "GET /api/hea", "POST /api/request-echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"}) {
    auto one = connect();
    one.send(part);
    one.close();
  }
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
  CAF_CHECK(served->drain(patience));
  CAF_CHECK_EQUAL(watcher->value("troupe_http_connections"), 0);
}

CAF_TEST(thousands of idle connections are cheap and requests are served beside them) {
  listen();
  std::vector<client> idle;
  idle.reserve(2000);
  for (int count = 0; count < 2000; ++count) {
    idle.push_back(connect());
    // Some have never spoken, some have, some stopped in the middle.
    if (count % 3 == 0)
      idle.back().send(get("/api/health"));
    else if (count % 3 == 1)
      idle.back().send("GET /api/greeting HTTP/1.1\r\n");
  }
  CAF_CHECK(watcher->reaches("troupe_http_connections", "edge", 2000));
  auto one = connect();
  for (int count = 0; count < 100; ++count) {
    one.send(get("/api/greeting"));
    CAF_REQUIRE_EQUAL(one.read().status, 200U);
  }
  for (std::size_t index = 0; index < idle.size(); index += 3)
    CAF_REQUIRE_EQUAL(idle[index].read().status, 200U);
  idle[1].send("Host: x\r\n\r\n");
  CAF_CHECK_EQUAL(idle[1].read().status, 200U);
}

CAF_TEST(several threads serve side by side) {
  config.threads = 3;
  listen();
  std::vector<client> all;
  for (int count = 0; count < 30; ++count)
    all.push_back(connect());
  for (int round = 0; round < 20; ++round) {
    for (auto& each : all)
      each.send(get("/api/greeting"));
    for (auto& each : all)
      CAF_REQUIRE_EQUAL(each.read().status, 200U);
  }
  CAF_CHECK_EQUAL(greeter_script->calls(), 600U);
}

CAF_TEST_FIXTURE_SCOPE_END()
