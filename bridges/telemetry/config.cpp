#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::telemetry {

namespace {

using level_form = settings::text_form<log_level>;

failure out_of_domain(std::string_view member, std::string_view expectation) {
  return {errc::invalid, std::string{member} + " must be " + std::string{expectation}};
}

} // namespace

std::string_view to_string(log_level level) noexcept {
  return level_form::all[static_cast<std::size_t>(level)].first;
}

std::string_view to_string(severity what) noexcept {
  return level_form::all[static_cast<std::size_t>(what)].first;
}

expected<log_level> parse_level(std::string_view text) {
  if (const auto level = level_form::read(lower_case(text)))
    return *level;
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
