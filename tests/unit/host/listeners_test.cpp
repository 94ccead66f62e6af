#define CAF_SUITE listeners

#include <troupe_test/suite.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <troupe/deploy/host/process/listeners.hpp>

#include "reading.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using troupe_test::configured;

namespace {

const descriptor_shares enough{.edge = 100'000, .probes = 32, .grpc = 100'000, .administration = 64};

} // namespace

CAF_TEST(no listener has more connections than there are descriptors) {
  const auto got = configured("services: {a: {greeter: {greeting: Hi}}}\n");
  const descriptor_shares few{.edge = 7, .probes = 4, .grpc = 0, .administration = 5};
  CAF_CHECK_EQUAL(edge_of(got.got->plan, few).bounds.connections, 7u);
  CAF_CHECK_EQUAL(edge_of(got.got->plan, few).bounds.reserved, 4u);
  CAF_CHECK_EQUAL(administration_of(got.got->plan, few).bounds.connections, 5u);
}

CAF_TEST(the hosts of the administration reach its listener) {
  const auto got = configured("services: {a: {greeter: {greeting: Hi}}}\n"
                              "node: {admin: \":9000\", admin-token: \"env:T\", admin-hosts: [admin.example, 10.0.0.7]}\n",
                              {}, {{"T", "hush"}});
  CAF_REQUIRE_EQUAL(got.mistakes, std::vector<std::string>{});
  const auto config = administration_of(got.got->plan, enough);
  CAF_CHECK_EQUAL(config.allowed_hosts, (std::vector<std::string>{"admin.example", "10.0.0.7"}));
  CAF_CHECK(config.listen == (troupe::http::endpoint{"::", 9000}));
  CAF_CHECK_EQUAL(validate(config), std::vector<std::string>{});
}

CAF_TEST(the settings of the edge reach its listener) {
  const auto got = configured("services: {a: {greeter: {greeting: Hi, deadline: 9s}}}\n"
                              "node:\n"
                              "  http: 127.0.0.1:90\n"
                              "  allowed-origins: https://ui.example.org\n"
                              "  edge: {in-flight: 1, connections: 2, header-size: 3KiB, body-size: 4B, header-within: 5s,\n"
                              "         body-within: 6s, idle: 7s, read-within: 8s}\n");
  CAF_REQUIRE_EQUAL(got.mistakes, std::vector<std::string>{});
  const auto config = edge_of(got.got->plan, enough);
  CAF_CHECK(config.listen == (troupe::http::endpoint{"127.0.0.1", 90}));
  CAF_CHECK_EQUAL(config.allowed_origins, std::vector<std::string>{"https://ui.example.org"});
  CAF_CHECK_EQUAL(config.bounds.in_flight, 1U);
  CAF_CHECK_EQUAL(config.bounds.connections, 2U);
  CAF_CHECK_EQUAL(config.bounds.header_bytes, 3U * 1024);
  CAF_CHECK_EQUAL(config.bounds.body_bytes, 4U);
  CAF_CHECK(config.patience.header == troupe::duration{5s});
  CAF_CHECK(config.patience.body == troupe::duration{6s});
  CAF_CHECK(config.patience.idle == troupe::duration{7s});
  CAF_CHECK(config.patience.write == troupe::duration{8s});
  CAF_CHECK(config.deadline == troupe::duration{9s});
  CAF_CHECK_EQUAL(validate(config), std::vector<std::string>{});
}

CAF_TEST(a greeter has the same deadline over HTTP and over gRPC) {
  const auto got = configured("services: {a: {greeter: {greeting: Hi, deadline: 9s}}, b: {greeter: {greeting: Hi}}}\n",
                              {.services = {"a"}});
  CAF_REQUIRE_EQUAL(got.mistakes, std::vector<std::string>{});
  CAF_CHECK(edge_of(got.got->plan, enough).deadline == troupe::duration{9s});
  const auto grpc = grpc_of(got.got->plan, {.edge = 7, .probes = 4, .grpc = 6, .administration = 5});
  CAF_CHECK(grpc.deadline == troupe::duration{9s});
  CAF_CHECK_EQUAL(grpc.connections, 6u);
  CAF_CHECK_EQUAL(grpc.reserved_descriptors, 9u);
}

CAF_TEST(a process without a greeter has an edge all the same) {
  const auto got = configured("services: {a: {producers: [{to: q}]}}\nqueues: {q: }\n");
  CAF_REQUIRE_EQUAL(got.mistakes, std::vector<std::string>{});
  CAF_CHECK_EQUAL(validate(edge_of(got.got->plan, enough)), std::vector<std::string>{});
}
