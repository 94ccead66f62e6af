#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::reference {

/// How a greeter of another process is called over gRPC.
grpc::client_config greeter_client_of(const host::process_plan& plan, const host::peer_plan& peer);

/// How the bridge's client of a service of another process is made. `inbox` is null where none is called over HTTP.
std::function<greeter_actor(const spawn_context&)>
client_factory(const host::process_plan& plan, const host::peer_plan& peer, std::shared_ptr<http::client_inbox> inbox);

/// The paths at which the edge answers in the gateway's form: those of the contracts' REST routes. That of 2021 is the path
/// of the bare array too, and so only a gateway of that platform answers there in its form.
std::vector<std::string> gateway_paths(const host::process_plan& plan);

} // namespace troupe::reference
