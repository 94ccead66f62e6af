#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/endpoint.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace troupe::grpc {

using troupe::endpoint;
using troupe::to_string;

/// Which of the reference platforms' contracts a callee speaks.
enum class package : std::uint8_t {
  greeting,    ///< of 2019
  greeting_v3, ///< of 2021: host names, and the caller's greeting in the request
};

constexpr auto words_of(package) {
  return settings::words<package>({{"greeting", package::greeting}, {"greeting.v3", package::greeting_v3}});
}

/// "greeting" or "greeting.v3", as the protos name it.
std::string_view to_string(package contract) noexcept;

inline constexpr std::size_t mebibyte = 1024UL * 1024;

/// A server of both contracts.
struct server_config {
  std::string service;               ///< labels its metrics
  endpoint listen{"0.0.0.0", 50051}; ///< the reference platform's port
  std::optional<tls_files> tls;      ///< with authorities: clients must show a certificate of theirs; none: plaintext
  duration tls_refresh = std::chrono::seconds{10}; ///< between looks at those files, in whole seconds
  std::size_t in_flight = 512;                     ///< calls that wait for an actor; beyond: RESOURCE_EXHAUSTED
  std::size_t connections = 10'000;                ///< open at a time; beyond: closed at once
  std::size_t reserved_descriptors = 0;            ///< the highest that the system allows, which no connection is given
  duration handshake = std::chrono::seconds{10};   ///< for TLS and HTTP/2 to begin; beyond: closed
  std::size_t receive_bytes = 4 * mebibyte;        ///< of one request; beyond: RESOURCE_EXHAUSTED
  duration deadline = std::chrono::seconds{5};     ///< for a call that came without one
  duration least_ping_interval{
    std::chrono::seconds{5}}; ///< a client that pings more often is cut off; below `client_config::keepalive`
  duration keepalive = std::chrono::seconds{60};           ///< between pings to a silent client
  duration keepalive_timeout{std::chrono::seconds{20}};    ///< for its answer; beyond: closed
  std::optional<duration> connection_age;                  ///< after which clients are sent to connect anew; none: never
  duration connection_age_grace{std::chrono::seconds{30}}; ///< for the calls under way on such a connection
};

/// What becomes of a call that its peer had not begun when their connection ended.
enum class unbegun_call : std::uint8_t {
  sent_again, ///< once, by gRPC, which keeps a copy of every call for it: some 10 % of what a chain of services costs
  reported,   ///< as a failure, to a caller that repeats calls itself
};

/// Whether calls go through the proxy that `grpc_proxy`, `https_proxy` or `http_proxy` names, where `no_proxy` does not say
/// otherwise.
enum class proxy_use : std::uint8_t { none, environment };

constexpr auto words_of(proxy_use) {
  return settings::words<proxy_use>({{"none", proxy_use::none}, {"environment", proxy_use::environment}});
}

/// A client of one target.
struct client_config {
  std::string target; ///< `host:50051`, `[::1]:50051` or `dns:///name:50051`; all its addresses in turn
  package contract = package::greeting;
  std::optional<tls_files> tls;                    ///< none: plaintext
  duration tls_refresh = std::chrono::seconds{10}; ///< between looks at those files, in whole seconds
  std::string server_name;                         ///< whose certificate is expected, where it is not the target's host
  duration deadline = std::chrono::seconds{5};     ///< for a call without a limit
  std::size_t in_flight = 1024;                    ///< calls that wait for their answer; beyond: `overloaded`
  std::size_t receive_bytes = 4 * mebibyte;        ///< of one answer; beyond: `rejected`
  unbegun_call unbegun = unbegun_call::sent_again;
  proxy_use proxy = proxy_use::none;
  duration names = std::chrono::seconds{10};             ///< between looks at the addresses of the target's name
  duration keepalive = std::chrono::seconds{10};         ///< between pings on a connection with calls under way
  duration keepalive_timeout{std::chrono::seconds{5}};   ///< for their answer; beyond: the connection has broken
  duration backoff_min = std::chrono::milliseconds{100}; ///< before the first attempt to connect again
  /// Before the later ones. With the fifth that gRPC adds or takes at random, a peer that comes back is found within 2 s.
  duration backoff_max = std::chrono::milliseconds{1600};
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const server_config& config);
std::vector<std::string> validate(const client_config& config);

/// The target as gRPC's resolver takes it. Fails with `invalid` for a form that `client_config::target` does not name.
expected<std::string> resolvable(const std::string& target);

} // namespace troupe::grpc
