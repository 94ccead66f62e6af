#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/deploy/node/topology_text.hpp>

namespace troupe::node {

/// Where the greeter of a service answers that runs in another process.
struct peer_address {
  enum class scheme : std::uint8_t { grpc, grpcs, http, https };

  scheme how = scheme::grpc;
  std::string target; ///< HOST:PORT or dns:///NAME:PORT for gRPC, HOST[:PORT] for HTTP
  std::string path;   ///< of HTTP, with its slash; empty: the reference platforms' own

  friend bool operator==(const peer_address&, const peer_address&) = default;
};

template <>
struct text_form<peer_address> {
  /// HOST:PORT and dns:///NAME:PORT, as the reference platforms write them, are gRPC without TLS.
  static std::optional<peer_address> read(std::string_view text);
  static std::string print(const peer_address& value);
  static constexpr std::string_view expected =
    "HOST:PORT, dns:///NAME:PORT, grpc[s]://HOST:PORT or http[s]://HOST[:PORT][/PATH], such as grpc://service-b:50051";
};

} // namespace troupe::node
