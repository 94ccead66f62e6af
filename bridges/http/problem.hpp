#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// Why a listener refuses by itself, before any actor gets the request.
enum class refusal : std::uint8_t {
  malformed,          ///< 400: no HTTP, or a shape that could smuggle a request past a proxy
  header_too_large,   ///< 431
  body_too_large,     ///< 413
  slow_request,       ///< 408: header or body did not arrive in time
  unsupported_coding, ///< 501: a transfer coding other than chunked
  expectation,        ///< 417: an expectation other than 100-continue
  in_flight_bound,    ///< 503
  connection_bound,   ///< 503
  stream_bound,       ///< 503: too many subscribers
  foreign_host,       ///< 403: administration under a name that is not its own, or from a page of another origin
  unauthorized,       ///< 401
};

inline constexpr std::size_t refusal_count = 11;

/// The name under which it is counted.
std::string_view to_string(refusal why) noexcept;

/// The status with which our error is answered.
unsigned status_of(errc code) noexcept;

/// A problem body (RFC 9457) with our code and the request's id as further members. Advises to try again after a
/// second where a bound or a breaker refused.
response problem(unsigned status, const failure& why, std::string_view request_id);

/// The problem for an error of an actor or a codec.
response problem(const failure& why, std::string_view request_id);

/// The problem for a refusal of the listener's own.
response problem(refusal why, std::string detail, std::string_view request_id);

} // namespace troupe::http
