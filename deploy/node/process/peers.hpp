#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::node {

/// How a service of another process is called over gRPC.
grpc::client_config grpc_client_of(const process_plan& plan, const peer_plan& peer);

/// How the bridge's client of a service of another process is made. `inbox` is null where none is called over HTTP.
std::function<greeter_actor(const spawn_context&)> client_factory(const process_plan& plan, const peer_plan& peer,
                                                                  std::shared_ptr<http::client_inbox> inbox);

/// Whether the files for calls over TLS can be used, where there are such calls. Reads them.
expected<void> check_peer_tls(const process_plan& plan);

/// The paths at which the edge answers in the gateway's form: those of the contracts' REST routes. That of 2021 is the path
/// of the bare array too, and so only a gateway of that platform answers there in its form.
std::vector<std::string> gateway_paths(const process_plan& plan);

} // namespace troupe::node
