#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>

namespace troupe {

/// A point in civil time, to the nanosecond, UTC.
using timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A point on this process's monotonic clock: for timeouts and deadlines, never written down.
using instant = std::chrono::steady_clock::time_point;

/// A span of time on the monotonic clock.
using duration = std::chrono::steady_clock::duration;

/// The civil time so many of these units after 1970; none before it or beyond what a `timestamp` can say, as it may come
/// from outside.
template <class Unit>
constexpr std::optional<timestamp> since_epoch(std::int64_t count) noexcept {
  if (count < 0 || count > std::chrono::duration_cast<Unit>(timestamp::max().time_since_epoch()).count())
    return std::nullopt;
  return timestamp{Unit{count}};
}

/// Where civil time comes from; injected, so that tests and simulations own it.
using wall_clock = std::function<timestamp()>;

/// The machine's civil clock.
timestamp system_now();

/// The machine's monotonic clock.
inline instant steady_now() noexcept {
  return std::chrono::steady_clock::now();
}

/// The resolution in which a time is written; finer digits are cut off, towards the past.
enum class precision { nanoseconds, milliseconds };

/// RFC 3339 with as many fractional digits as needed and none to spare, in UTC: `2019-04-16T02:23:16.546749266Z`.
std::string to_rfc3339(timestamp at, precision to = precision::nanoseconds);

/// The form Go's `time.Time.String` writes, as the gRPC reference platform does: `2019-04-16 02:23:16.546749266 +0000 UTC`.
std::string to_go_string(timestamp at);

/// Reads both forms above, with any zone offset; a monotonic suffix of the Go form is ignored.
expected<timestamp> parse_timestamp(std::string_view text);

} // namespace troupe
