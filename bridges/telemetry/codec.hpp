#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/source_location.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::telemetry {

/// What one log line says. Does not own its texts.
struct log_entry {
  timestamp at;
  severity level;
  speaker who;
  std::string_view text;
  source_location where;
};

/// One JSON object without a newline: time (RFC 3339, nanoseconds), level, function, line (a string), msg, and service,
/// actor, trace_id and span_id where there is one. Always valid JSON, whatever the texts hold.
std::string to_json(const log_entry& entry, std::size_t text_bytes);

/// Whether the level is shown in colour, too.
enum class paint : std::uint8_t { plain, coloured };

/// One line for people, without a newline: `02:23:16.546 I service-a/greeter  text`, the time of day at `zone` from UTC.
/// Control characters are shown as escapes: no text can forge a line or command a terminal.
std::string to_human(const log_entry& entry, std::size_t text_bytes, std::chrono::seconds zone, paint colour);

/// The qualified name within what a compiler calls a function: without its result and parameters. A lambda goes by the name
/// of the function around it.
std::string_view function_name(std::string_view pretty) noexcept;

} // namespace troupe::telemetry
