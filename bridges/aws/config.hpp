#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <troupe/bridges/aws/credentials.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::aws {

/// Where the services are asked: `https://host[:port]`, or `http://` for a substitute.
struct endpoints {
  std::string secrets_manager;
  std::string parameter_store;
  std::string sts;
};

struct config {
  std::string region = "us-east-1"; ///< the reference platform's
  endpoints at;
  std::string authorities; ///< a PEM file of the trusted authorities; empty: the system's
  surroundings around = process_surroundings();
  wall_clock now = system_now; ///< by which credentials expire

  duration connect = std::chrono::seconds{2};           ///< for a connection, TLS included
  duration attempt = std::chrono::seconds{5};           ///< for one request and its answer
  duration default_deadline = std::chrono::seconds{15}; ///< for a request that came without one
  /// Between attempts: AWS throttles per second, so that waiting much longer gains nothing.
  policies::backoff_config again{std::chrono::milliseconds{200}, std::chrono::seconds{5}, 0.5};
  /// Before credentials are over: the SDKs' window, and time for many attempts.
  std::chrono::nanoseconds renew_before = std::chrono::minutes{5};
  duration keep = std::chrono::minutes{5}; ///< how old a secret may be that is given as `cached`
  std::size_t most_kept = 256;             ///< secrets kept; beyond: the oldest goes
  std::size_t most_waiting = 256;          ///< secrets asked for at a time, and requests for each; beyond: `overloaded`
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const config& given);

/// What the SDKs read around a process: AWS_REGION, AWS_DEFAULT_REGION or the profile's region;
/// AWS_ENDPOINT_URL_SECRETS_MANAGER, _SSM and _STS, or AWS_ENDPOINT_URL for all, or the region's own; AWS_CA_BUNDLE. Fails
/// with `invalid` as the profile does.
expected<config> configure(surroundings around = process_surroundings());

/// The region's own endpoints.
endpoints endpoints_of(const std::string& region);

} // namespace troupe::aws
