#define CAF_SUITE grpc_connections

#include <troupe_test/suite.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

namespace {

/// Two servers on one port of both loopback addresses: what the name localhost leads to.
struct two_addresses : fixture {
  two_addresses() {
    listen();
    auto other = config;
    other.listen = {"::1", served->local().port};
    other.service = "service-b";
    auto made = grpc::server::listen(other, {greeter, watcher});
    if (!made)
      throw std::runtime_error(to_string(made.error()));
    second = std::move(*made);
  }

  grpc::client_config by_name() const {
    grpc::client_config how;
    how.target = "localhost:" + std::to_string(served->local().port);
    return how;
  }

  double handled_by(const std::string& service) const {
    return watcher->value("grpc_server_handled_total", "service=" + service + ",");
  }

  std::unique_ptr<grpc::server> second;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_addresses_tests, two_addresses)

CAF_TEST(all addresses of a name are asked in turn and those that are left when one goes) {
  const auto client = connect(by_name());
  // The second connection may come about a moment after the first.
  int calls = 0;
  for (const auto until = std::chrono::steady_clock::now() + patience;
       (handled_by("service-a") < 5 || handled_by("service-b") < 5) && std::chrono::steady_clock::now() < until; ++calls)
    CAF_REQUIRE(ask_until_answered(client));
  CAF_CHECK_GREATER_OR_EQUAL(handled_by("service-a"), 5);
  CAF_CHECK_GREATER_OR_EQUAL(handled_by("service-b"), 5);
  CAF_CHECK_EQUAL(static_cast<int>(handled_by("service-a") + handled_by("service-b")), calls);
  CAF_CHECK(second->drain(patience));
  second.reset();
  // A client that has not heard of the end yet learns it by its call, and two calls in turn meet both connections.
  static_cast<void>(ask(client));
  static_cast<void>(ask(client));
  const auto before = handled_by("service-a");
  for (int number = 0; number < 10; ++number)
    CAF_CHECK(ask_until_answered(client));
  CAF_CHECK_GREATER_OR_EQUAL(handled_by("service-a"), before + 10);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(grpc_connections_tests, fixture)

CAF_TEST(a server that falls silent in the middle of a call is noticed) {
  config.least_ping_interval = 1ms;
  lines->hold();
  listen();
  relay between{served->local().port};
  auto how = to_server();
  how.target = between.target();
  how.keepalive = 2s; // a client pings twice and then waits for more than answered pings: the silence is to begin before
  how.keepalive_timeout = 1s; // which a busy machine does not sleep through
  auto answer = begin(connect(how), limited(1h));
  lines->call(1);
  between.swallow();
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "outcome_unknown");
}

CAF_TEST(a client that falls silent in the middle of a call is noticed) {
  config.keepalive = 100ms;
  config.keepalive_timeout = 1s;
  lines->hold();
  listen();
  relay between{served->local().port};
  auto how = to_server();
  how.target = between.target();
  auto answer = begin(connect(how), limited(1h));
  const auto abandoned = lines->call(1).abandoned;
  CAF_CHECK(answer.wait_for(2s) == std::future_status::timeout);
  between.swallow();
  CAF_CHECK(watcher->becomes("grpc_server_handled_total", "grpc_code=Canceled", 1));
  CAF_CHECK(abandoned.stop_requested());
  between.cut();
  CAF_CHECK_EQUAL(to_string(code_of(answer.get())), "outcome_unknown");
}

CAF_TEST(a call that its peer has not begun is sent again or reported to who repeats calls itself) {
  const auto sent = [this](grpc::unbegun_call unbegun) {
    leaving_peer peer;
    grpc::client_config how;
    how.target = peer.target();
    how.unbegun = unbegun;
    CAF_CHECK_EQUAL(to_string(code_of(ask(connect(how)))), "outcome_unknown");
    return peer.calls();
  };
  CAF_CHECK_EQUAL(sent(grpc::unbegun_call::sent_again), 2U);
  CAF_CHECK_EQUAL(sent(grpc::unbegun_call::reported), 1U);
}

CAF_TEST(a connection that has grown old is left without a failed call) {
  config.connection_age = 100ms;
  listen();
  relay between{served->local().port};
  auto how = to_server();
  how.target = between.target();
  const auto client = connect(how);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (between.connections() < 4 && std::chrono::steady_clock::now() < until)
    CAF_REQUIRE(ask(client));
  CAF_CHECK_GREATER_OR_EQUAL(between.connections(), 4U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
