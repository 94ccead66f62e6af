#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::telemetry {

namespace {

using level_form = settings::text_form<log_level>;

} // namespace

std::string_view to_string(log_level level) noexcept {
  return level_form::all[static_cast<std::size_t>(level)].first;
}

std::string_view to_string(severity value) noexcept {
  return level_form::all[static_cast<std::size_t>(value)].first;
}

expected<log_level> parse_level(std::string_view text) {
  if (const auto level = level_form::read(lower_case(text)))
    return *level;
  return failure{errc::invalid, "unknown log level \"" + std::string{text.substr(0, 64)}
                                  + "\": expected trace, debug, info, warn, warning, error, fatal, panic or off"};
}

std::vector<std::string> validate(const telemetry_config& config) {
  std::vector<std::string> mistakes;
  const auto check = [&mistakes](bool right, std::string_view words) {
    if (!right)
      mistakes.emplace_back(words);
  };
  check(config.form == log_form::json || config.form == log_form::human, "log form must be json or human");
  check(config.level <= log_level::off, "log level must be a known level");
  check(config.series_per_family > 0, "series per family must be at least 1");
  check(config.log_text_bytes >= 256, "log text bytes must be at least 256");
  check(config.log_queue_bytes >= 16 * config.log_text_bytes,
        "log queue bytes must be at least 16 times the log text bytes");
  check(config.repeated_errors > 0, "repeated errors must be at least 1");
  check(config.farewell >= std::chrono::milliseconds::zero(), "farewell must be no negative time");
  return mistakes;
}

} // namespace troupe::telemetry
