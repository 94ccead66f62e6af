#include <string>

#define CAF_SUITE telemetry_config
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/config.hpp>

using namespace troupe::telemetry;
using troupe::errc;
using troupe::severity;

CAF_TEST(a level is read as LOG_LEVEL may spell it) {
  const std::vector<std::pair<std::string, log_level>> spellings{
    {"trace", log_level::trace},     {"debug", log_level::debug}, {"info", log_level::info},   {"warn", log_level::warning},
    {"warning", log_level::warning}, {"error", log_level::error}, {"off", log_level::off},     {"panic", log_level::off},
    {"fatal", log_level::off},       {"INFO", log_level::info},   {"Warn", log_level::warning}};
  for (const auto& [text, level] : spellings) {
    const auto read = parse_level(text);
    CAF_REQUIRE(read.has_value());
    CAF_CHECK(*read == level);
  }
}

CAF_TEST(an unknown level is an error that names the valid ones) {
  for (const std::string text : {"", "verbose", "info ", "inf", "infos", "4", "\xC4\xB0nfo"}) {
    const auto read = parse_level(text);
    CAF_REQUIRE(read.has_error());
    CAF_CHECK_EQUAL(read.error().code, errc::invalid);
    for (const auto* name : {"trace", "debug", "info", "warn", "warning", "error", "off"})
      CAF_CHECK_NOT_EQUAL(read.error().reason.find(name), std::string::npos);
  }
}

CAF_TEST(a long unknown level does not fill the screen) {
  CAF_CHECK_LESS(parse_level(std::string(100'000, 'x')).error().reason.size(), 300u);
}

CAF_TEST(a level writes what is at least as severe and off writes nothing) {
  CAF_CHECK(passes(severity::trace, log_level::trace));
  CAF_CHECK(!passes(severity::info, log_level::warning));
  CAF_CHECK(passes(severity::warning, log_level::warning));
  CAF_CHECK(passes(severity::error, log_level::warning));
  CAF_CHECK(!passes(severity::error, log_level::off));
}

CAF_TEST(names of levels read back as themselves) {
  for (const auto level :
       {log_level::trace, log_level::debug, log_level::info, log_level::warning, log_level::error, log_level::off})
    CAF_CHECK(parse_level(to_string(level)).value() == level);
  CAF_CHECK_EQUAL(to_string(severity::warning), "warning");
}

CAF_TEST(a configuration outside its domain says which member) {
  CAF_CHECK(validate(telemetry_config{}).empty());
  const auto mistake = [](const telemetry_config& config) {
    const auto mistakes = validate(config);
    return mistakes.empty() ? std::string{} : mistakes.front();
  };
  CAF_CHECK_NOT_EQUAL(mistake({.series_per_family = 0}).find("series per family"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(mistake({.log_queue_bytes = 1}).find("log queue bytes"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(mistake({.log_text_bytes = 1}).find("log text bytes"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(mistake({.repeated_errors = 0}).find("repeated errors"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(mistake({.farewell = std::chrono::milliseconds{-1}}).find("farewell"), std::string::npos);
}
