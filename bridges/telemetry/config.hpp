#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/policies/trace_retention.hpp>
#include <troupe/policies/trace_sampling.hpp>

namespace troupe::telemetry {

/// From which severity on lines are written; `off` writes none.
enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

/// The first word of a level is printed; the others are the reference platforms' words for it.
constexpr auto words_of(log_level) {
  using enum log_level;
  return settings::words<log_level>({{"trace", trace},
                                     {"debug", debug},
                                     {"info", info},
                                     {"warning", warning},
                                     {"error", error},
                                     {"off", off},
                                     {"warn", warning},
                                     {"fatal", off},
                                     {"panic", off}});
}

/// Whether a line of that severity is written at that level.
constexpr bool passes(severity of, log_level level) noexcept {
  return static_cast<std::uint8_t>(of) >= static_cast<std::uint8_t>(level);
}

std::string_view to_string(severity value) noexcept;
std::string_view to_string(log_level level) noexcept;

/// Reads what LOG_LEVEL may say, in either case: trace, debug, info, warn or warning, error; off, and panic and fatal, which
/// are above everything that Troupe says. Anything else is `invalid`, and the reason names the valid ones.
expected<log_level> parse_level(std::string_view text);

/// What a log line looks like.
enum class log_form : std::uint8_t {
  json,  ///< one object a line, for machines
  human, ///< time, level, speaker and text, for a terminal
};

/// When the human form colours the level.
enum class colouring : std::uint8_t { never, on_terminal, always };

/// How much of the log is kept in the process, to be asked for.
struct log_retention_config {
  std::size_t lines = 2000; ///< some minutes of a process that is well
  std::size_t bytes = 1U << 20U;
};

/// The settings of telemetry. The bounds are per process.
struct telemetry_config {
  log_form form = log_form::json;
  log_level level = log_level::info;
  colouring colour = colouring::on_terminal;
  std::string version; ///< shown by troupe_build_info, as are the next two
  std::string commit;
  std::string compiler;
  std::size_t series_per_family = 1000;     ///< label combinations of one metric; those beyond share one series
  std::size_t log_queue_bytes = 4U << 20U;  ///< lines waiting for a slow reader; those beyond are lost and counted
  std::size_t log_text_bytes = 16U << 10U;  ///< of one line's text; what is longer is cut and says so
  std::uint32_t repeated_errors = 10;       ///< error lines a second that one speaker may write from one source line
  std::chrono::milliseconds farewell{2000}; ///< how long destruction waits for a reader that takes no lines
  log_retention_config log;
  policies::trace_sampling_config sampling;
  policies::trace_retention_config traces{.traces = 0}; ///< that are kept in the process
  std::uint32_t traces_a_second = 10; ///< that begin here and are kept; where nothing is exported, only these are recorded
};

/// Each mistake in words, with the member's name; none when the configuration can be used.
std::vector<std::string> validate(const telemetry_config& config);

} // namespace troupe::telemetry
