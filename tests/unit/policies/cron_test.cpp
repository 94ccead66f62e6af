#define CAF_SUITE cron

#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/policies/cron.hpp>

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::timestamp;

namespace {

timestamp at(const std::string& text) {
  return troupe::parse_timestamp(text + ":00Z").value();
}

std::string shown(timestamp time) {
  return troupe::to_rfc3339(time).substr(0, 16);
}

std::string next(const std::string& schedule, const std::string& after) {
  return shown(next_due(cron::parse(schedule).value(), utc_rules(), at(after)));
}

std::string wrong(const std::string& schedule) {
  const auto read = cron::parse(schedule);
  return read.has_error() ? read.error().reason : std::string{};
}

// A zone one hour before UTC in winter and two in summer: its clock is set from 02:00 to 03:00 at 2026-03-29T01:00Z, and
// from 03:00 to 02:00 at 2026-10-25T01:00Z.
zone_rules summer_time() {
  const auto begins = at("2026-03-29T01:00");
  const auto ends = at("2026-10-25T01:00");
  const auto offset = [=](timestamp time) -> std::chrono::hours { return time >= begins && time < ends ? 2h : 1h; };
  return {[=](timestamp time) { return utc_minute(time + offset(time)); },
          [=](const civil_minute& minute) {
            for (const auto tried : {2h, 1h})
              if (const auto time = from_utc(minute) - tried; offset(time) == tried)
                return time;
            return begins;
          }};
}

std::string next_there(const std::string& schedule, const std::string& after) {
  return shown(next_due(cron::parse(schedule).value(), summer_time(), at(after)));
}

} // namespace

CAF_TEST(each field restricts the time) {
  CAF_CHECK_EQUAL(next("* * * * *", "2026-03-01T10:00"), "2026-03-01T10:01");
  CAF_CHECK_EQUAL(next("30 * * * *", "2026-03-01T10:30"), "2026-03-01T11:30");
  CAF_CHECK_EQUAL(next("0 2 * * *", "2026-03-01T02:00"), "2026-03-02T02:00");
  CAF_CHECK_EQUAL(next("0 0 1 * *", "2026-12-31T23:59"), "2027-01-01T00:00");
  CAF_CHECK_EQUAL(next("0 0 1 4 *", "2026-04-01T00:00"), "2027-04-01T00:00");
  CAF_CHECK_EQUAL(next("0 0 * * 1", "2026-03-01T00:00"), "2026-03-02T00:00"); // a Monday
}

CAF_TEST(seconds do not count) {
  const auto due = next_due(cron::parse("* * * * *").value(), utc_rules(), at("2026-03-01T10:00") + 59s + 999ms);
  CAF_CHECK_EQUAL(shown(due), "2026-03-01T10:01");
  CAF_CHECK(due == at("2026-03-01T10:01"));
}

CAF_TEST(fields have lists and ranges and steps and names) {
  CAF_CHECK_EQUAL(next("0,20,40 * * * *", "2026-03-01T10:21"), "2026-03-01T10:40");
  CAF_CHECK_EQUAL(next("*/25 * * * *", "2026-03-01T10:26"), "2026-03-01T10:50");
  CAF_CHECK_EQUAL(next("*/25 * * * *", "2026-03-01T10:50"), "2026-03-01T11:00");
  CAF_CHECK_EQUAL(next("10-50/20 * * * *", "2026-03-01T10:31"), "2026-03-01T10:50");
  CAF_CHECK_EQUAL(next("0 9-17 * * MON-fri", "2026-03-06T17:00"), "2026-03-09T09:00");
  CAF_CHECK_EQUAL(next("0 0 1 jan,JUL *", "2026-01-01T00:00"), "2026-07-01T00:00");
  CAF_CHECK_EQUAL(next("0 0 * * 7", "2026-03-02T00:00"), "2026-03-08T00:00"); // a Sunday
  CAF_CHECK_EQUAL(next("0 0 * * 0", "2026-03-02T00:00"), "2026-03-08T00:00");
  CAF_CHECK_EQUAL(next("0 0 * * 6-7", "2026-03-07T00:00"), "2026-03-08T00:00");
  CAF_CHECK_EQUAL(next("  0\t0 * * 6  ", "2026-03-02T00:00"), "2026-03-07T00:00");
}

CAF_TEST(of two restricted days one is enough) {
  CAF_CHECK_EQUAL(next("0 0 13 * 5", "2026-03-01T00:00"), "2026-03-06T00:00");  // a Friday
  CAF_CHECK_EQUAL(next("0 0 12 * 5", "2026-03-06T00:00"), "2026-03-12T00:00");  // a Thursday
  CAF_CHECK_EQUAL(next("0 0 */2 * 5", "2026-03-01T00:00"), "2026-03-13T00:00"); // a Friday of an odd day
}

CAF_TEST(leap days are found however far they are) {
  CAF_CHECK_EQUAL(next("0 0 29 2 *", "2026-03-01T00:00"), "2028-02-29T00:00");
  CAF_CHECK_EQUAL(next("0 0 29 2 *", "2096-03-01T00:00"), "2104-02-29T00:00");
  CAF_CHECK_EQUAL(next("0 0 29 2 */7", "2088-03-01T00:00"), "2128-02-29T00:00"); // Sundays
  CAF_CHECK_EQUAL(next("0 0 31 * *", "2026-03-31T00:00"), "2026-05-31T00:00");
}

CAF_TEST(a local time that is skipped is due once at the end of the gap) {
  CAF_CHECK_EQUAL(next_there("30 2 * * *", "2026-03-28T12:00"), "2026-03-29T01:00"); // shown as 03:00
  CAF_CHECK_EQUAL(next_there("30 2 * * *", "2026-03-29T01:00"), "2026-03-30T00:30");
  CAF_CHECK_EQUAL(next_there("*/15 * * * *", "2026-03-29T00:45"), "2026-03-29T01:00");
  CAF_CHECK_EQUAL(next_there("*/15 * * * *", "2026-03-29T01:00"), "2026-03-29T01:15");
}

CAF_TEST(a local time that occurs twice is due the first time alone) {
  CAF_CHECK_EQUAL(next_there("30 2 * * *", "2026-10-24T12:00"), "2026-10-25T00:30");
  CAF_CHECK_EQUAL(next_there("30 2 * * *", "2026-10-25T00:30"), "2026-10-26T01:30");
  CAF_CHECK_EQUAL(next_there("*/30 * * * *", "2026-10-25T00:30"), "2026-10-25T02:00"); // after the second hour
  CAF_CHECK_EQUAL(next_there("*/30 * * * *", "2026-10-25T01:10"), "2026-10-25T02:00");
}

CAF_TEST(every minute of a year is due where all fields say so and no other) {
  const auto schedule = cron::parse("7-59/13 3,15 10-20 * *").value();
  auto expected = at("2026-01-01T00:00");
  for (auto due = next_due(schedule, utc_rules(), expected); due < at("2027-01-01T00:00");
       due = next_due(schedule, utc_rules(), due)) {
    for (expected += 1min; expected != due; expected += 1min) {
      const auto minute = utc_minute(expected);
      const auto hour = minute.of_day / 1h;
      const auto of_hour = (minute.of_day % 1h).count();
      const auto day = static_cast<unsigned>(minute.day.day());
      CAF_REQUIRE(!(of_hour >= 7 && (of_hour - 7) % 13 == 0 && (hour == 3 || hour == 15) && day >= 10 && day <= 20));
    }
  }
  CAF_CHECK_EQUAL(shown(expected), "2026-12-20T15:59");
}

CAF_TEST(what is no schedule is refused with its field) {
  CAF_CHECK_EQUAL(wrong("0 0 * *"),
                  "it has 4 fields; expected five: minute, hour, day of the month, month, day of the week");
  CAF_CHECK_EQUAL(wrong(""), "it has 0 fields; expected five: minute, hour, day of the month, month, day of the week");
  CAF_CHECK_EQUAL(wrong("0 25 * * *"),
                  "its hour has \"25\"; expected *, 0 to 23, ranges and lists of those, and steps as in */5");
  for (const auto* const text : {"60 * * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "1- * * * *", "-1 * * * *",
                                 "5-1 * * * *", "*/0 * * * *", "5/10 * * * *", "1,,2 * * * *", "x * * * *", "* * * MON *",
                                 "+1 * * * *", "1.5 * * * *", "*/99 * * * *", "99999999999 * * * *", "* * * * MON-"})
    CAF_CHECK_NOT_EQUAL(wrong(text), "");
  CAF_CHECK_EQUAL(wrong("0 0 30 2 *"), "no day is ever the day of its fields; expected one that some year has");
  CAF_CHECK_EQUAL(wrong("0 0 31 4,6,9,11 *"), "no day is ever the day of its fields; expected one that some year has");
}
