#pragma once

#include <bitset>
#include <chrono>
#include <compare>
#include <functional>
#include <optional>
#include <string_view>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// A minute as a calendar and a clock on a wall show it.
struct civil_minute {
  std::chrono::year_month_day day;
  std::chrono::minutes of_day{};

  friend auto operator<=>(const civil_minute&, const civil_minute&) = default;
};

/// The minute of a time in UTC.
civil_minute utc_minute(timestamp at);
/// The beginning of a minute in UTC.
timestamp from_utc(const civil_minute& minute);

/// The times that a crontab line of five fields names, as POSIX has it (crontab, "The Open Group Base Specifications"):
/// minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or JAN-DEC), day of the week (0-7 or SUN-SAT; 0 and 7
/// are Sunday). A field is `*`, or a list of numbers and ranges between commas; a `*` or a range may have a step: `*/5`,
/// `10-50/20`. Where both days are restricted (neither begins with `*`), a day that matches one of them matches.
class cron {
public:
  /// Fails with `invalid`, with what is wrong in which field, or because no day ever matches (30 February).
  static expected<cron> parse(std::string_view text);

  /// The first minute that matches after that one. A value: `parse` has found out that there always is one.
  [[nodiscard]] civil_minute next(const civil_minute& after) const;

private:
  cron() = default;

  [[nodiscard]] bool matches(const std::chrono::year_month_day& day) const;
  /// The first day that matches, from that one on, within the longest time that any may take.
  [[nodiscard]] std::optional<std::chrono::sys_days> day_from(std::chrono::sys_days day) const;
  [[nodiscard]] std::optional<std::chrono::minutes> minute_from(std::chrono::minutes of_day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = true;     ///< whether the day of the month begins with `*`
  bool any_weekday_ = true; ///< likewise
};

/// How a time zone relates a wall's clock to the time.
struct zone_rules {
  /// What a clock there shows.
  std::function<civil_minute(timestamp)> shown;
  /// When it shows that: the first time where it does so twice, and the end of a gap where it never does.
  std::function<timestamp(const civil_minute&)> first_shown;
};

/// UTC's.
zone_rules utc_rules();

/// The first time after `now` at which the schedule is due in that zone. A local time that is skipped is due at the end of
/// the gap, once with all others of the gap; one that occurs twice is due the first time alone.
timestamp next_due(const cron& schedule, const zone_rules& zone, timestamp now);

} // namespace troupe::policies
