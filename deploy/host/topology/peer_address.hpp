#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/deploy/host/topology/topology_text.hpp>

namespace troupe::host {

/// The address of a service that runs in another process.
struct peer_address {
  enum class scheme : std::uint8_t { grpc, grpcs, http, https };

  scheme how = scheme::grpc;
  std::string target; ///< HOST:PORT or dns:///NAME:PORT for gRPC, HOST[:PORT] for HTTP
  std::string path;   ///< of HTTP, with its slash; empty: the reference platforms' own

  [[nodiscard]] bool is_http() const noexcept { return how == scheme::http || how == scheme::https; }

  friend bool operator==(const peer_address&, const peer_address&) = default;
};

/// HOST:PORT and dns:///NAME:PORT, as the reference platforms write them, are gRPC without TLS.
std::optional<peer_address> parse_peer_address(std::string_view text);

std::string to_string(const peer_address& address);

} // namespace troupe::host

template <>
struct troupe::settings::text_form<troupe::host::peer_address> {
  static std::optional<host::peer_address> read(std::string_view text) { return host::parse_peer_address(text); }
  static std::string print(const host::peer_address& value) { return to_string(value); }
  static constexpr std::string_view expected =
    "HOST:PORT, dns:///NAME:PORT, grpc[s]://HOST:PORT or http[s]://HOST[:PORT][/PATH], such as grpc://service-b:50051";
};
