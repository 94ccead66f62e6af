#define CAF_SUITE grpc_lifecycle

#include <utility>

#include <grpcpp/impl/server_builder_plugin.h>
#include <troupe_test/suite.hpp>

#include "peers.hpp"

namespace troupe::grpc_test {

namespace {

/// What a test does while gRPC starts a server whose port is already open.
std::function<void()> during_start; // NOLINT: gRPC makes the hook below from a plain function

class start_hook final : public ::grpc::ServerBuilderPlugin {
public:
  std::string name() override { return "start_hook"; }
  void InitServer(::grpc::ServerInitializer* /*of*/) override {}
  void ChangeArguments(const std::string& /*name*/, void* /*value*/) override {}
  void Finish(::grpc::ServerInitializer* /*of*/) override {
    if (during_start)
      std::exchange(during_start, nullptr)();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_lifecycle_tests, fixture)

CAF_TEST(a port in use is named with the words of the system) {
  listen();
  config.listen = served->local();
  const auto second = grpc::server::listen(config, {greeter, watcher});
  CAF_REQUIRE(!second);
  CAF_CHECK_EQUAL(to_string(second.error().code), "locked");
  CAF_CHECK_EQUAL(second.error().reason, "cannot listen on " + to_string(config.listen) + ": Address already in use");
}

CAF_TEST(an address that is not ours is named) {
  config.listen = {"192.0.2.1", 50051};
  const auto foreign = grpc::server::listen(config, {greeter, watcher});
  CAF_REQUIRE(!foreign);
  CAF_CHECK_EQUAL(to_string(foreign.error()), "invalid: cannot listen on 192.0.2.1:50051: Cannot assign requested address");
}

CAF_TEST(a configuration that is wrong is refused in words) {
  config.in_flight = 0;
  config.receive_bytes = 0;
  const auto made = grpc::server::listen(config, {greeter, watcher});
  CAF_REQUIRE(!made);
  CAF_CHECK_EQUAL(to_string(made.error()),
                  "invalid: the bound of calls in flight is 0; the size limit of a request is not between 1 byte and 1 GiB");
  grpc::client_config client;
  for (const auto* const target :
       {"", "host", "host:", "host:0", "host:65536", ":50051", "http://host:1", "dns://1.1.1.1/host:1", "ipv4:127.0.0.1:1",
        "unix:/tmp/socket", "[::1]", "[::1]:x", "a b:1"}) {
    client.target = target;
    CAF_CHECK_EQUAL(validate(client).size(), 1U);
  }
  for (const auto* const target :
       {"host:50051", "service-a.dev.svc:50051", "dns:///name:50051", "[::1]:50051", "127.0.0.1:1"}) {
    client.target = target;
    CAF_CHECK_EQUAL(validate(client).size(), 0U);
  }
  client.server_name = "name";
  client.backoff_min = 20s;
  CAF_CHECK_EQUAL(validate(client).size(), 2U);
  client = {.target = "no port"};
  CAF_CHECK_THROWS_AS(grpc::spawn_greeter_client(unsupervised(system, "test/client"), client), std::invalid_argument);
}

CAF_TEST(an address of version six is served) {
  config.listen = {"::1", 0};
  listen();
  CAF_CHECK_EQUAL(to_server().target.find("[::1]:"), 0U);
  CAF_CHECK(ask(connect()));
}

CAF_TEST(health follows the readiness of the process for every service) {
  listen();
  bare_client client{to_server().target};
  const auto says = [&](const std::string& wanted) {
    for (const auto* const name : {"", "greeting.GreetingService", "greeting.v3.GreetingService"})
      CAF_CHECK_EQUAL(health(client, name), wanted);
  };
  says("NOT_SERVING");
  served->set_serving(grpc::readiness::serving);
  says("SERVING");
  CAF_CHECK_EQUAL(health(client, "other.Service"), "(no answer)");
  served->set_serving(grpc::readiness::not_serving);
  says("NOT_SERVING");
}

CAF_TEST(health says that nothing is served from the moment that the port is open) {
  ::grpc::ServerBuilder::InternalAddPluginFactory(
    [] { return std::unique_ptr<::grpc::ServerBuilderPlugin>{std::make_unique<start_hook>()}; });
  config.listen.port = free_port();
  bare_client client{to_string(config.listen)};
  std::future<std::string> said;
  during_start = [&] {
    said = std::async(std::launch::async, [&] { return health(client, "") + health(client, "greeting.GreetingService"); });
    said.wait_for(500ms); // for an answer that should not come yet
  };
  listen();
  CAF_REQUIRE(said.valid());
  CAF_CHECK_EQUAL(said.get(), "NOT_SERVINGNOT_SERVING");
}

CAF_TEST(reflection lists the services) {
  listen();
  bare_client client{to_server().target};
  const auto answer =
    client.call_bytes("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string{"\x3a\x01*"});
  for (const auto* const name : {"greeting.GreetingService", "greeting.v3.GreetingService", "grpc.health.v1.Health"})
    CAF_CHECK_NOT_EQUAL(answer.find(name), std::string::npos);
}

CAF_TEST(draining finishes the calls under way and takes no more) {
  lines->hold();
  listen();
  served->set_serving(grpc::readiness::serving);
  const auto client = connect();
  auto answer = begin(client, limited(patience));
  lines->call(1);
  CAF_CHECK(!served->drain(0s));
  // Connected clients have been sent away, and nobody else can connect. One that had not heard of it yet learns it by its
  // call.
  CAF_CHECK(!ask(connect()));
  release();
  CAF_CHECK(served->drain(patience));
  CAF_CHECK_EQUAL(services_of(answer.get()), "Service-A,Service-B");
  CAF_CHECK_EQUAL(lines->calls(), 1U);
}

CAF_TEST(draining an idle server ends at once and its port is free) {
  listen();
  CAF_CHECK(ask(connect()));
  CAF_CHECK(served->drain(patience));
  const auto port = served->local();
  served.reset();
  config.listen = port;
  listen();
  // Clients of one target share its connections, and so the backoff after the first server's end.
  CAF_CHECK(ask_until_answered(clients.front()));
}

CAF_TEST(health says that nothing is served from the beginning of a drain) {
  lines->hold();
  listen();
  served->set_serving(grpc::readiness::serving);
  auto answer = begin(connect(), limited(patience));
  lines->call(1);
  bare_client client{to_server().target};
  const auto statuses = client.call_bytes("/grpc.health.v1.Health/Watch", "", [&] {
    CAF_CHECK(!served->drain(0s));
    served->set_serving(grpc::readiness::serving); // comes too late to matter
  });
  CAF_CHECK_EQUAL(statuses[0], "\x08\x01");
  CAF_CHECK_EQUAL(statuses[1], "\x08\x02");
  release();
  CAF_CHECK(answer.get());
}

CAF_TEST(a watch of health does not hold up the end) {
  listen();
  bare_client client{to_server().target};
  const auto statuses = client.call_bytes("/grpc.health.v1.Health/Watch", "", [&] {
    CAF_CHECK(served->drain(patience));
    served.reset();
  });
  CAF_CHECK_EQUAL(statuses[0], "\x08\x02");
}

CAF_TEST(a server that ends in the middle of a call answers its caller at once) {
  lines->hold();
  listen();
  const auto client = connect();
  auto answer = begin(client, limited(1h));
  const auto seen = lines->call(1).abandoned;
  served.reset();
  const auto code = code_of(answer.get());
  CAF_CHECK(code == errc::cancelled || code == errc::outcome_unknown || code == errc::unavailable);
  CAF_CHECK(seen.stop_requested());
  CAF_CHECK_EQUAL(watcher->value("troupe_grpc_server_in_flight"), 0);
  // The greeter's late answer meets nobody.
  release();
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::grpc_test
