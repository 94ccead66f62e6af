#include <algorithm>
#include <array>
#include <utility>

#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::telemetry {

namespace {

constexpr std::array<std::pair<std::string_view, log_level>, 9> level_names{{
  {"trace", log_level::trace},
  {"debug", log_level::debug},
  {"info", log_level::info},
  {"warning", log_level::warning},
  {"error", log_level::error},
  {"off", log_level::off},
  {"warn", log_level::warning},
  {"panic", log_level::off},
  {"fatal", log_level::off},
}};

failure out_of_domain(std::string_view member, std::string_view expectation) {
  return {errc::invalid, std::string{member} + " must be " + std::string{expectation}};
}

} // namespace

std::string_view to_string(log_level level) noexcept {
  return level_names[static_cast<std::size_t>(level)].first;
}

std::string_view to_string(severity value) noexcept {
  return level_names[static_cast<std::size_t>(value)].first;
}

expected<log_level> parse_level(std::string_view text) {
  const auto same = [name = lower_case(text)](const auto& entry) { return name == entry.first; };
  if (const auto* found = std::ranges::find_if(level_names, same); found != level_names.end())
    return found->second;
  return failure{errc::invalid, "unknown log level \"" + std::string{text.substr(0, 64)}
                                  + "\": expected trace, debug, info, warn, warning, error, fatal, panic or off"};
}

expected<void> telemetry_config::validate() const {
  if (form != log_form::json && form != log_form::human)
    return out_of_domain("log form", "json or human");
  if (level > log_level::off)
    return out_of_domain("log level", "a known level");
  if (series_per_family == 0)
    return out_of_domain("series per family", "at least 1");
  if (log_text_bytes < 256)
    return out_of_domain("log text bytes", "at least 256");
  if (log_queue_bytes < 16 * log_text_bytes)
    return out_of_domain("log queue bytes", "at least 16 times the log text bytes");
  if (repeated_errors == 0)
    return out_of_domain("repeated errors", "at least 1");
  if (farewell < std::chrono::milliseconds::zero())
    return out_of_domain("farewell", "no negative time");
  return {};
}

} // namespace troupe::telemetry
