#define CAF_SUITE http_lifecycle

#include <troupe_test/suite.hpp>

#include "support.hpp"

using namespace http_test;

CAF_TEST_FIXTURE_SCOPE(http_lifecycle_tests, edge_fixture)

CAF_TEST(a port in use is named with the words of the system) {
  listen();
  const auto taken = served->local();
  config.listen = taken;
  const auto second = http::edge::listen(config, ports);
  CAF_REQUIRE(!second);
  CAF_CHECK_EQUAL(second.error().code, errc::locked);
  CAF_CHECK_EQUAL(second.error().reason,
                  "cannot listen on 127.0.0.1:" + std::to_string(taken.port) + ": Address already in use");
}

CAF_TEST(an address that is not ours or is none at all is named) {
  config.listen = {"192.0.2.1", 80};
  const auto foreign = http::edge::listen(config, ports);
  CAF_REQUIRE(!foreign);
  CAF_CHECK_EQUAL(foreign.error().code, errc::invalid);
  CAF_CHECK_EQUAL(foreign.error().reason, "cannot listen on 192.0.2.1:80: Cannot assign requested address");
  config.listen = {"not an address", 80};
  const auto none = http::edge::listen(config, ports);
  CAF_REQUIRE(!none);
  CAF_CHECK_NOT_EQUAL(none.error().reason.find("not an address:80"), std::string::npos);
}

CAF_TEST(a configuration that is wrong is refused in words) {
  config.bounds.in_flight = 0;
  config.threads = 0;
  config.allowed_origins = {"ui.example"};
  const auto made = http::edge::listen(config, ports);
  CAF_REQUIRE(!made);
  CAF_CHECK_EQUAL(made.error().code, errc::invalid);
  CAF_CHECK_EQUAL(validate(config).size(), 3U);
}

CAF_TEST(every address of the machine is that of both families) {
  config.listen = {"::", 0};
  listen();
  std::vector<std::string> addresses{"127.0.0.1"};
  if (served->local().address == "::") // the system has IPv6
    addresses.emplace_back("::1");
  for (const auto& address : addresses) {
    client one{{address, served->local().port}};
    one.send(get("/api/health"));
    CAF_CHECK_EQUAL(one.read().status, 200U);
  }
}

CAF_TEST(once it stops accepting it answers what is open and closes after each answer) {
  listen();
  auto open = connect();
  open.send(get("/api/health"));
  CAF_CHECK_EQUAL(open.read().header("connection"), "(none)");
  served->stop_accepting();
  open.send(get("/api/health"));
  const auto answer = open.read();
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK(open.closed());
}

CAF_TEST(draining closes idle connections and waits for the answers that are owed) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto idle = connect();
  auto waits = connect();
  waits.send(get("/api/greeting"));
  greeter_script->call(1);
  CAF_CHECK(!served->drain(50ms));
  CAF_CHECK(idle.closed());
  release();
  const auto answer = waits.read();
  CAF_CHECK_EQUAL(answer.status, 200U);
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  waits.close();
  CAF_CHECK(served->drain(patience));
}

CAF_TEST(destroying it ends every connection and what is answered later is dropped) {
  config.deadline = 1h;
  greeter_script->hold();
  listen();
  auto waits = connect();
  waits.send(get("/api/greeting"));
  auto partial = connect();
  partial.send("GET /api/gre");
  greeter_script->call(1);
  served.reset();
  CAF_CHECK(waits.closed());
  CAF_CHECK(partial.closed());
  release();
}

CAF_TEST(after it is gone its port is free for the next) {
  listen();
  config.listen = served->local();
  auto one = connect();
  one.send(get("/api/health"));
  CAF_CHECK_EQUAL(one.read().status, 200U);
  served.reset();
  listen();
  CAF_CHECK_EQUAL(ask(get("/api/health")).status, 200U);
}

CAF_TEST_FIXTURE_SCOPE_END()
