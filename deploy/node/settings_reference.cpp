#include <troupe/deploy/node/settings_reference.hpp>

#include <string>

namespace troupe::node {

namespace {

constexpr auto http_port = ":8080"; // where the services of the HTTP family listen

template <class T, class Value>
void give(setting<T>& into, Value value, const setting_source& by) {
  if (into.is_default())
    into = {T{std::move(value)}, by};
}

void keep_greeter(greeter_topology& greeter, platform_form family, const setting_source& by) {
  give(greeter.form, family, by);
  // A greeter of the other family tells its callers nothing of the sort.
  if (*greeter.form == platform_form::grpc)
    give(greeter.keep, kept_greeting::callers, by);
}

/// The same host, asked as its family is.
void keep_address(setting<std::optional<peer_address>>& address, platform_form family, const setting_source& by) {
  using scheme = peer_address::scheme;
  if (family != platform_form::http || !*address || (**address).how != scheme::grpc)
    return;
  auto host = (**address).target.substr(0, (**address).target.rfind(':'));
  host = host.substr(host.rfind('/') + 1); // of dns:///
  address = {peer_address{scheme::http, host + http_port, {}}, by};
}

} // namespace

void keep_reference_ways(topology& whole) {
  const auto& [told, by] = whole.node.reference;
  if (told == reference_family::none)
    return;
  const auto family = told == reference_family::http ? platform_form::http : platform_form::grpc;
  for (auto& queue : whole.queues)
    give(queue.follows, compatibility::reference, by);
  for (auto& service : whole.services) {
    give(service.peer, peer_kind::reference, by);
    keep_address(service.address, family, by);
    if (service.greeter)
      keep_greeter(*service.greeter, family, by);
  }
  if (family == platform_form::grpc)
    give(whole.node.grpc.package, grpc_package::greeting_v3, by);
}

} // namespace troupe::node
