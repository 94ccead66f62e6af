#pragma once

#include <string>

#include <troupe/messages/values/observer.hpp>

namespace troupe::grpc {

/// Says of a span which method is called, by OpenTelemetry's conventions. `name` is SERVICE/METHOD.
inline void describe_rpc(span& call, const std::string& name) {
  const auto slash = name.rfind('/');
  call.with("rpc.system", std::string{"grpc"})
    .with("rpc.service", name.substr(0, slash))
    .with("rpc.method", name.substr(slash + 1));
}

} // namespace troupe::grpc
