#define CAF_SUITE timestamp

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/time.hpp>

#include "generated.hpp"
#include "refusal.hpp"

using namespace troupe;
using namespace troupe_test;
using namespace std::chrono_literals;

namespace {

timestamp at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return timestamp{std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanoseconds}};
}

std::string read(std::string_view text) {
  const auto result = parse_timestamp(text);
  return result ? to_rfc3339(*result) : to_string(result.error());
}

constexpr std::int64_t reference = 1555381396; // 2019-04-16T02:23:16Z

} // namespace

CAF_TEST(RFC 3339 text has as many fractional digits as the time needs) {
  CAF_CHECK_EQUAL(to_rfc3339(at(0)), "1970-01-01T00:00:00Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(reference, 546749266)), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(reference, 500000000)), "2019-04-16T02:23:16.5Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(reference, 1)), "2019-04-16T02:23:16.000000001Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(reference, 120)), "2019-04-16T02:23:16.00000012Z");
}

CAF_TEST(times before 1970 and at both ends of the range are written) {
  CAF_CHECK_EQUAL(to_rfc3339(at(0, -1)), "1969-12-31T23:59:59.999999999Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(-1)), "1969-12-31T23:59:59Z");
  CAF_CHECK_EQUAL(to_rfc3339(timestamp::min()), "1677-09-21T00:12:43.145224192Z");
  CAF_CHECK_EQUAL(to_rfc3339(timestamp::max()), "2262-04-11T23:47:16.854775807Z");
  CAF_CHECK_EQUAL(to_rfc3339(at(0, -1), precision::milliseconds), "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(to_rfc3339(timestamp::min(), precision::milliseconds), "1677-09-21T00:12:43.145Z");
  CAF_CHECK_EQUAL(to_rfc3339(timestamp::max(), precision::milliseconds), "2262-04-11T23:47:16.854Z");
}

CAF_TEST(the Go form is that of the gRPC reference platform) {
  CAF_CHECK_EQUAL(to_go_string(at(reference, 546749266)), "2019-04-16 02:23:16.546749266 +0000 UTC");
  CAF_CHECK_EQUAL(to_go_string(at(reference)), "2019-04-16 02:23:16 +0000 UTC");
}

CAF_TEST(the examples of RFC 3339 are read) {
  CAF_CHECK_EQUAL(read("1985-04-12T23:20:50.52Z"), "1985-04-12T23:20:50.52Z");
  CAF_CHECK_EQUAL(read("1996-12-19T16:39:57-08:00"), "1996-12-20T00:39:57Z");
  CAF_CHECK_EQUAL(read("1937-01-01T12:00:27.87+00:20"), "1937-01-01T11:40:27.87Z");
  CAF_CHECK_EQUAL(read("2019-04-16t02:23:16z"), "2019-04-16T02:23:16Z");
  CAF_CHECK_EQUAL(read("2019-04-16 02:23:16Z"), "2019-04-16T02:23:16Z");
  CAF_CHECK_EQUAL(read("2019-04-16T02:23:16-00:00"), "2019-04-16T02:23:16Z");
}

CAF_TEST(what the HTTP reference platforms write in any zone is read) {
  CAF_CHECK_EQUAL(read("2021-05-24T21:23:16.546749266-04:00"), "2021-05-25T01:23:16.546749266Z");
  CAF_CHECK_EQUAL(read("2021-05-24T21:23:16.546749266+05:30"), "2021-05-24T15:53:16.546749266Z");
}

CAF_TEST(what the gRPC reference platforms write in any zone is read) {
  CAF_CHECK_EQUAL(read("2019-04-16 02:23:16.546749266 +0000 UTC"), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(read("2019-04-15 22:23:16.546749266 -0400 EDT"), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(read("2019-04-16 05:23:16 +0300 +03"), "2019-04-16T02:23:16Z");
  CAF_CHECK_EQUAL(read("2019-04-16 02:23:16.5 +0000 UTC m=+0.000012345"), "2019-04-16T02:23:16.5Z");
  CAF_CHECK_EQUAL(read("2019-04-16 02:23:16.5 +0000 GMT m=-12.5"), "2019-04-16T02:23:16.5Z");
}

CAF_TEST(fractions finer than a nanosecond are cut off) {
  CAF_CHECK_EQUAL(read("2019-04-16T02:23:16.1234567899999Z"), "2019-04-16T02:23:16.123456789Z");
}

CAF_TEST(a leap second becomes the last nanosecond before it) {
  CAF_CHECK_EQUAL(read("1990-12-31T23:59:60Z"), "1990-12-31T23:59:59.999999999Z");
  CAF_CHECK_EQUAL(read("1990-12-31T15:59:60.5-08:00"), "1990-12-31T23:59:59.999999999Z");
  CAF_CHECK_EQUAL(read("1990-12-31T23:59:60-08:00"),
                  "undecodable: timestamp, character 18: second 60 is not at the end of a UTC day");
}

CAF_TEST(the days of a month are those of its year) {
  CAF_CHECK_EQUAL(read("2020-02-29T00:00:00Z"), "2020-02-29T00:00:00Z");
  CAF_CHECK_EQUAL(read("2000-02-29T00:00:00Z"), "2000-02-29T00:00:00Z");
  CAF_CHECK_EQUAL(read("2019-02-29T00:00:00Z"), "undecodable: timestamp, character 9: expected a day of that month");
  CAF_CHECK_EQUAL(read("1900-02-29T00:00:00Z"), "undecodable: timestamp, character 9: expected a day of that month");
  CAF_CHECK_EQUAL(read("2019-04-31T00:00:00Z"), "undecodable: timestamp, character 9: expected a day of that month");
}

CAF_TEST(instants that 64 bits of nanoseconds cannot hold are refused to the nanosecond) {
  const std::string out_of_range =
    "undecodable: timestamp, character 1: expected an instant between the years 1677 and 2262";
  CAF_CHECK_EQUAL(read("1677-09-21T00:12:43.145224192Z"), "1677-09-21T00:12:43.145224192Z");
  CAF_CHECK_EQUAL(read("1677-09-21T00:12:43.145224191Z"), out_of_range);
  CAF_CHECK_EQUAL(read("2262-04-11T23:47:16.854775807Z"), "2262-04-11T23:47:16.854775807Z");
  CAF_CHECK_EQUAL(read("2262-04-11T23:47:16.854775808Z"), out_of_range);
  CAF_CHECK_EQUAL(read("2262-04-12T00:47:16.854775807+01:00"), "2262-04-11T23:47:16.854775807Z");
  CAF_CHECK_EQUAL(read("0000-01-01T00:00:00Z"), out_of_range);
  CAF_CHECK_EQUAL(read("9999-12-31T23:59:59Z"), out_of_range);
}

CAF_TEST(every refusal names its place) {
  const auto refused = [](std::string_view text) {
    const auto reason = read(text);
    constexpr std::string_view lead = "undecodable: timestamp, character ";
    return reason.starts_with(lead) ? reason.substr(lead.size()) : "accepted: " + reason;
  };
  CAF_CHECK_EQUAL(refused(""), "1: expected a year of four digits");
  CAF_CHECK_EQUAL(refused("19-04-16T02:23:16Z"), "1: expected a year of four digits");
  CAF_CHECK_EQUAL(refused("+019-04-16T02:23:16Z"), "1: expected a year of four digits");
  CAF_CHECK_EQUAL(refused("2019/04-16T02:23:16Z"), "5: expected -");
  CAF_CHECK_EQUAL(refused("2019-13-16T02:23:16Z"), "6: expected a month from 01 to 12");
  CAF_CHECK_EQUAL(refused("2019-00-16T02:23:16Z"), "6: expected a month from 01 to 12");
  CAF_CHECK_EQUAL(refused("2019-4-16T02:23:16Z"), "6: expected a month from 01 to 12");
  CAF_CHECK_EQUAL(refused("2019-04.16T02:23:16Z"), "8: expected -");
  CAF_CHECK_EQUAL(refused("2019-04-00T02:23:16Z"), "9: expected a day of that month");
  CAF_CHECK_EQUAL(refused("2019-04-16"), "11: expected T or a space");
  CAF_CHECK_EQUAL(refused("2019-04-16X02:23:16Z"), "11: expected T or a space");
  CAF_CHECK_EQUAL(refused("2019-04-16T24:00:00Z"), "12: expected an hour from 00 to 23");
  CAF_CHECK_EQUAL(refused("2019-04-16T02-23:16Z"), "14: expected :");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:60:16Z"), "15: expected a minute from 00 to 59");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23"), "17: expected :");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:61Z"), "18: expected a second from 00 to 59");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16.Z"), "21: expected a digit of the second's fraction");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16,5Z"), "20: expected Z or the zone's offset");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16"), "20: expected Z or the zone's offset");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16+0200"), "23: expected :");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16+24:00"), "21: expected hours of the zone's offset from 00 to 23");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16+02:60"), "24: expected minutes of the zone's offset from 00 to 59");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16Z "), "21: expected the end");
  CAF_CHECK_EQUAL(refused("2019-04-16T02:23:16 +0000 UTC"), "20: expected Z or the zone's offset");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 UTC"), "21: expected + or - of the zone's offset");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +00:00 UTC"), "24: expected minutes of the zone's offset from 00 to 59");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000"), "26: expected a space and the zone's name");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 "), "27: expected the zone's name");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 UTC "), "31: expected m=");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 UTC m=1"), "33: expected + or -");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 UTC m=+x"), "34: expected a digit");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 UTC m=+1."), "36: expected a digit");
  CAF_CHECK_EQUAL(refused("2019-04-16 02:23:16 +0000 UTC m=+1.5x"), "37: expected the end");
}

CAF_TEST(every time that is written is read back whatever its form) {
  generated any;
  for (int i = 0; i < 20000; ++i) {
    const auto time = any.time();
    const auto rfc = to_rfc3339(time);
    const auto go = to_go_string(time);
    CAF_REQUIRE_EQUAL(refusal(parse_timestamp(rfc)), "accepted");
    CAF_REQUIRE_EQUAL(refusal(parse_timestamp(go)), "accepted");
    CAF_REQUIRE(*parse_timestamp(rfc) == time);
    CAF_REQUIRE(*parse_timestamp(go) == time);
    CAF_REQUIRE(*parse_timestamp(go + " m=+0.5") == time);
  }
}

CAF_TEST(the system clock stands in this century) {
  CAF_CHECK(system_now() > *parse_timestamp("2020-01-01T00:00:00Z"));
  CAF_CHECK(system_now() < *parse_timestamp("2100-01-01T00:00:00Z"));
}
