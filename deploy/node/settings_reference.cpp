#include <troupe/deploy/node/settings_steps.hpp>

#include <optional>
#include <string>

namespace troupe::node {

namespace {

constexpr auto http_port = ":8080"; // where the services of the HTTP family listen

template <class T>
void give(sourced& owner, T& into, T value, const setting_source& by) {
  if (owner.is_default(into))
    owner.give(into, value, by);
}

void keep_greeter(greeter_topology& greeter, document_form family, const setting_source& by) {
  give(greeter, greeter.form, family, by);
  // A greeter of the other family does not get its caller's greeting.
  if (greeter.form == document_form::grpc)
    give(greeter, greeter.keep, kept_greeting::callers, by);
}

/// The same host, with the protocol of its family.
void keep_address(service_topology& service, document_form family, const setting_source& by) {
  using scheme = peer_address::scheme;
  auto& address = service.address;
  if (family != document_form::http || !address || address->how != scheme::grpc)
    return;
  auto host = address->target.substr(0, address->target.rfind(':'));
  host = host.substr(host.rfind('/') + 1); // of dns:///
  service.give(address, std::optional{peer_address{scheme::http, host + http_port, {}}}, by);
}

} // namespace

void apply_reference(topology& whole) {
  auto& node = whole.node;
  if (node.reference == reference_family::none)
    return;
  const auto by = node.source(node.reference);
  const auto family = node.reference == reference_family::http ? document_form::http : document_form::grpc;
  for (auto& queue : whole.queues)
    give(queue, queue.follows, compatibility::reference, by);
  for (auto& service : whole.services) {
    give(service, service.peer, policies::callee::any, by);
    keep_address(service, family, by);
    if (service.greeter)
      keep_greeter(*service.greeter, family, by);
  }
  if (family == document_form::grpc)
    give(node, node.grpc.package, grpc::package::greeting_v3, by);
}

} // namespace troupe::node
