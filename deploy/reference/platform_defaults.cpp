#include <troupe/deploy/reference/platform.hpp>

#include <algorithm>
#include <optional>
#include <string>

#include <troupe/deploy/reference/greeter_part.hpp>

namespace troupe::reference {

namespace {

constexpr auto http_port = ":8080"; // where the services of the HTTP family listen

template <class T>
void give(host::sourced& owner, T& into, T value, const host::setting_source& by) {
  if (owner.is_default(into))
    owner.give(into, value, by);
}

void keep_greeter(greeter_topology& greeter, document_form family, const host::setting_source& by) {
  give(greeter, greeter.form, family, by);
  // A greeter of the other family does not get its caller's greeting.
  if (greeter.form == document_form::grpc)
    give(greeter, greeter.keep, kept_greeting::callers, by);
}

/// The same host, with the protocol of its family.
void keep_address(host::service_topology& service, document_form family, const host::setting_source& by) {
  using scheme = host::peer_address::scheme;
  auto& address = service.address;
  if (family != document_form::http || !address || address->how != scheme::grpc)
    return;
  auto host = address->target.substr(0, address->target.rfind(':'));
  host = host.substr(host.rfind('/') + 1); // of dns:///
  service.give(address, std::optional{host::peer_address{scheme::http, host + http_port, {}}}, by);
}

/// Greetings that name their host keep it on the way to another process only in the contract of 2021. A service that is not
/// ours may answer the older one alone.
void keep_hostnames(host::topology& whole) {
  if (std::ranges::any_of(whole.services, [](const auto& each) { return each.peer == policies::callee::any; }))
    return;
  for (auto& service : whole.services)
    if (const auto* const greeter = greeter_of(service); greeter && greeter->hostname == hostname_shown::yes) {
      auto& grpc = dynamic_cast<platform_grpc_settings&>(*whole.node.grpc.own);
      return give(grpc, grpc.package, grpc::package::greeting_v3, greeter->source(greeter->hostname));
    }
}

} // namespace

void platform::apply_defaults(host::topology& whole) const {
  const auto& own = platform_of(whole.node);
  if (own.family == reference_family::none)
    return keep_hostnames(whole);
  const auto by = own.source(own.family);
  const auto family = own.family == reference_family::http ? document_form::http : document_form::grpc;
  for (auto& queue : whole.queues)
    give(queue, queue.follows, host::compatibility::reference, by);
  for (auto& service : whole.services) {
    give(service, service.peer, policies::callee::any, by);
    keep_address(service, family, by);
    if (auto* const greeter = greeter_of(service))
      keep_greeter(*greeter, family, by);
  }
  auto& grpc = dynamic_cast<platform_grpc_settings&>(*whole.node.grpc.own);
  if (family == document_form::grpc)
    give(grpc, grpc.package, grpc::package::greeting_v3, by);
}

} // namespace troupe::reference
