#define CAF_SUITE peers
#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/deploy/reference/platform.hpp>
#include <troupe/deploy/reference/process/peers.hpp>

namespace node = troupe::host;
namespace grpc = troupe::grpc;

namespace {

node::process_plan calling() {
  node::process_plan result;
  const troupe::reference::platform platform;
  platform.prepare(result.node);
  dynamic_cast<troupe::reference::platform_grpc_settings&>(*result.node.grpc.own).package = grpc::package::greeting_v3;
  result.node.outbound.in_flight = 70;
  result.node.outbound.tls.authorities = "authorities.pem";
  return result;
}

node::peer_plan peer(node::peer_address::scheme how, troupe::policies::callee kind) {
  return {"service-b", {how, "service-b:50051", ""}, kind};
}

} // namespace

CAF_TEST(a peer that derives its ids from the call is asked again by us alone) {
  using troupe::policies::callee;
  using scheme = node::peer_address::scheme;
  const auto unbegun = [](callee kind) { return node::grpc_client_of(calling(), peer(scheme::grpc, kind)).unbegun; };
  CAF_CHECK(unbegun(callee::idempotent) == grpc::unbegun_call::reported);
  CAF_CHECK(unbegun(callee::any) == grpc::unbegun_call::sent_again); // where nobody else may
}

CAF_TEST(a peer is called at its address with the contract and the bounds of the plan) {
  using scheme = node::peer_address::scheme;
  const auto plain = node::grpc_client_of(calling(), peer(scheme::grpc, troupe::policies::callee::any));
  CAF_CHECK_EQUAL(plain.target, "service-b:50051");
  CAF_CHECK(troupe::reference::greeter_client_of(calling(), peer(scheme::grpc, troupe::policies::callee::any)).contract
            == grpc::package::greeting_v3);
  CAF_CHECK_EQUAL(plain.in_flight, 70u);
  CAF_CHECK(!plain.tls);
  const auto encrypted = node::grpc_client_of(calling(), peer(scheme::grpcs, troupe::policies::callee::any));
  CAF_REQUIRE(encrypted.tls.has_value());
  CAF_CHECK_EQUAL(encrypted.tls->authorities, "authorities.pem");
}

CAF_TEST(a peer over HTTP is called below its path and with TLS where its address says so) {
  using scheme = node::peer_address::scheme;
  const auto config_of = [](scheme how) {
    const node::peer_plan to{"service-b", {how, "service-b:8080", "/shop"}, troupe::policies::callee::any};
    return node::http_client_of(calling(), to, nullptr);
  };
  const auto plain = config_of(scheme::http);
  CAF_CHECK_EQUAL(plain.name, "service-b");
  CAF_CHECK_EQUAL(plain.target, "http://service-b:8080/shop");
  CAF_CHECK_EQUAL(plain.bounds.waiting, 70u);
  CAF_CHECK_EQUAL(plain.tls.authorities, "");
  CAF_CHECK_EQUAL(config_of(scheme::https).tls.authorities, "authorities.pem");
}
