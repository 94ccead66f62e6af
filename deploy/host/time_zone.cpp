#include <troupe/deploy/host/time_zone.hpp>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace troupe::host {

namespace {

policies::civil_minute shown_in(absl::TimeZone zone, timestamp at) {
  const auto shown = zone.At(absl::FromChrono(at)).cs;
  return {std::chrono::year{static_cast<int>(shown.year())} / shown.month() / shown.day(),
          std::chrono::hours{shown.hour()} + std::chrono::minutes{shown.minute()}};
}

timestamp first_shown_in(absl::TimeZone zone, const policies::civil_minute& minute) {
  const absl::CivilMinute wanted{static_cast<int>(minute.day.year()), static_cast<unsigned>(minute.day.month()),
                                 static_cast<unsigned>(minute.day.day()), minute.of_day / std::chrono::hours{1},
                                 (minute.of_day % std::chrono::hours{1}).count()};
  const auto found = zone.At(absl::CivilSecond{wanted});
  const auto at = found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.pre;
  return std::chrono::time_point_cast<timestamp::duration>(absl::ToChronoTime(at));
}

} // namespace

std::optional<policies::zone_rules> zone_named(const std::string& name) {
  if (name == "UTC")
    return policies::utc_rules();
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(name, &zone))
    return std::nullopt;
  return policies::zone_rules{[zone](timestamp at) { return shown_in(zone, at); },
                              [zone](const policies::civil_minute& minute) { return first_shown_in(zone, minute); }};
}

} // namespace troupe::host
