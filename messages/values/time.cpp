#include <troupe/messages/values/time.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace troupe {

namespace {

constexpr std::int64_t second = 1'000'000'000; // in nanoseconds

/// A timestamp as whole seconds since the epoch, rounded down, and the nanoseconds above them.
struct split_time {
  std::int64_t seconds;
  std::int64_t nanoseconds;
};

constexpr split_time split(timestamp at) noexcept {
  const auto count = at.time_since_epoch().count();
  split_time result{count / second, count % second};
  if (result.nanoseconds < 0) {
    result.nanoseconds += second;
    --result.seconds;
  }
  return result;
}

/// The timestamp, if 64 bits of nanoseconds hold it (1677 to 2262).
constexpr std::optional<timestamp> join(split_time from) noexcept {
  constexpr auto first = split(timestamp::min());
  constexpr auto last = split(timestamp::max());
  const auto before = [](split_time a, split_time b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds;
  };
  if (before(from, first) || before(last, from))
    return std::nullopt;
  // Negative whole seconds round away from the result, possibly out of range: come from the other side.
  const auto count =
    from.seconds < 0 ? (from.seconds + 1) * second + (from.nanoseconds - second) : from.seconds * second + from.nanoseconds;
  return timestamp{timestamp::duration{count}};
}

/// Writes `value` right-aligned with leading zeros.
void put(char* at, int digits, std::int64_t value) noexcept {
  for (auto* p = at + digits; p != at; value /= 10)
    *--p = static_cast<char>('0' + value % 10);
}

/// "YYYY-MM-DD?HH:MM:SS" and as many fractional digits as needed; returns the length.
std::size_t put_civil(std::array<char, 64>& out, split_time at, char separator) noexcept {
  using namespace std::chrono;
  const auto [total, fraction] = at;
  const auto day = floor<days>(seconds{total});
  const year_month_day date{sys_days{day}};
  const auto of_day = total - duration_cast<seconds>(day).count();
  put(&out[0], 4, static_cast<int>(date.year()));
  out[4] = '-';
  put(&out[5], 2, static_cast<unsigned>(date.month()));
  out[7] = '-';
  put(&out[8], 2, static_cast<unsigned>(date.day()));
  out[10] = separator;
  put(&out[11], 2, of_day / 3600);
  out[13] = ':';
  put(&out[14], 2, of_day / 60 % 60);
  out[16] = ':';
  put(&out[17], 2, of_day % 60);
  if (fraction == 0)
    return 19;
  out[19] = '.';
  put(&out[20], 9, fraction);
  std::size_t length = 29;
  while (out[length - 1] == '0')
    --length;
  return length;
}

constexpr bool is_decimal(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Reads one timestamp from left to right; the first thing that is not as expected is kept with its place.
class timestamp_reader {
public:
  explicit timestamp_reader(std::string_view text) : text_(text) {}

  expected<timestamp> read() {
    if (!date() || !time_of_day() || !zone() || !end())
      return failure{errc::undecodable, "timestamp, character " + std::to_string(at_ + 1) + ": expected " + wanted_};
    // This clock has no number for a leap second: the last nanosecond before it represents it.
    if (second_ == 60) {
      if ((local_seconds(59) - offset_ + 1) % 86400 != 0)
        return failure{errc::undecodable, "timestamp, character 18: second 60 is not at the end of a UTC day"};
      second_ = 59;
      nanoseconds_ = second - 1;
    }
    const auto result = join({local_seconds(second_) - offset_, nanoseconds_});
    if (!result)
      return failure{errc::undecodable, "timestamp, character 1: expected an instant between the years 1677 and 2262"};
    return *result;
  }

private:
  bool fail(const char* wanted) noexcept {
    wanted_ = wanted;
    return false;
  }

  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool one_of(std::string_view choices, const char* wanted) noexcept {
    if (at_ >= text_.size() || choices.find(text_[at_]) == std::string_view::npos)
      return fail(wanted);
    ++at_;
    return true;
  }

  bool number(std::size_t digits, std::int64_t low, std::int64_t high, const char* wanted, std::int64_t& out) noexcept {
    if (text_.size() - at_ < digits)
      return fail(wanted);
    std::int64_t value = 0;
    for (const auto c : text_.substr(at_, digits)) {
      if (!is_decimal(c))
        return fail(wanted);
      value = value * 10 + (c - '0');
    }
    if (value < low || value > high)
      return fail(wanted);
    at_ += digits;
    out = value;
    return true;
  }

  bool date() noexcept {
    using namespace std::chrono;
    std::int64_t year_number = 0;
    std::int64_t month_number = 0;
    std::int64_t day_number = 0;
    if (!number(4, 0, 9999, "a year of four digits", year_number) || !one_of("-", "-")
        || !number(2, 1, 12, "a month from 01 to 12", month_number) || !one_of("-", "-"))
      return false;
    const auto month_of = year{static_cast<int>(year_number)} / static_cast<int>(month_number);
    const auto last = static_cast<unsigned>((month_of / std::chrono::last).day());
    if (!number(2, 1, last, "a day of that month", day_number))
      return false;
    days_ = sys_days{month_of / static_cast<int>(day_number)}.time_since_epoch().count();
    return true;
  }

  bool time_of_day() noexcept {
    if (!one_of("Tt ", "T or a space"))
      return false;
    go_form_ = text_[at_ - 1] == ' ';
    return number(2, 0, 23, "an hour from 00 to 23", hour_) && one_of(":", ":")
           && number(2, 0, 59, "a minute from 00 to 59", minute_) && one_of(":", ":")
           && number(2, 0, 60, "a second from 00 to 59", second_) && fraction();
  }

  /// Digits beyond the nanosecond are read and dropped.
  bool fraction() noexcept {
    if (peek() != '.')
      return true;
    ++at_;
    if (!is_decimal(peek()))
      return fail("a digit of the second's fraction");
    for (auto unit = second / 10; is_decimal(peek()); unit /= 10, ++at_)
      nanoseconds_ += unit * (peek() - '0');
    return true;
  }

  bool zone() noexcept {
    if (go_form_ && peek() == ' ') {
      ++at_;
      return one_of("+-", "+ or - of the zone's offset") && offset(false) && zone_name() && monotonic();
    }
    if (peek() == 'Z' || peek() == 'z') {
      ++at_;
      return true;
    }
    return one_of("+-", "Z or the zone's offset") && offset(true);
  }

  /// The sign has just been read.
  bool offset(bool colon) noexcept {
    const auto sign = text_[at_ - 1] == '-' ? -1 : 1;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!number(2, 0, 23, "hours of the zone's offset from 00 to 23", hours) || (colon && !one_of(":", ":"))
        || !number(2, 0, 59, "minutes of the zone's offset from 00 to 59", minutes))
      return false;
    offset_ = sign * (hours * 3600 + minutes * 60);
    return true;
  }

  /// A name such as `UTC` or `EDT`, or what Go writes for a zone without one: its offset again.
  bool zone_name() noexcept {
    if (!one_of(" ", "a space and the zone's name"))
      return false;
    const auto begin = at_;
    const auto part_of_name = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_decimal(c) || c == '+' || c == '-' || c == '_'
             || c == '/';
    };
    while (part_of_name(peek()))
      ++at_;
    return at_ != begin || fail("the zone's name");
  }

  /// ` m=+0.000012345`: a reading of the writer's monotonic clock.
  bool monotonic() noexcept {
    if (at_ == text_.size())
      return true;
    if (!one_of(" ", "the end or ` m=`") || !one_of("m", "m=") || !one_of("=", "=") || !one_of("+-", "+ or -"))
      return false;
    if (!is_decimal(peek()))
      return fail("a digit");
    while (is_decimal(peek()))
      ++at_;
    if (peek() != '.')
      return true;
    ++at_;
    if (!is_decimal(peek()))
      return fail("a digit");
    while (is_decimal(peek()))
      ++at_;
    return true;
  }

  bool end() noexcept { return at_ == text_.size() || fail("the end"); }

  [[nodiscard]] std::int64_t local_seconds(std::int64_t second_of_minute) const noexcept {
    return days_ * 86400 + hour_ * 3600 + minute_ * 60 + second_of_minute;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const char* wanted_ = "";
  bool go_form_ = false;
  std::int64_t days_ = 0;
  std::int64_t hour_ = 0;
  std::int64_t minute_ = 0;
  std::int64_t second_ = 0;
  std::int64_t nanoseconds_ = 0;
  std::int64_t offset_ = 0;
};

} // namespace

timestamp system_now() {
  return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
}

std::string to_rfc3339(timestamp at, precision to) {
  auto parts = split(at);
  if (to == precision::milliseconds)
    parts.nanoseconds -= parts.nanoseconds % 1'000'000;
  std::array<char, 64> text{};
  auto length = put_civil(text, parts, 'T');
  text[length++] = 'Z';
  return {text.data(), length};
}

std::string to_go_string(timestamp at) {
  constexpr std::string_view zone = " +0000 UTC";
  std::array<char, 64> text{};
  const auto length = put_civil(text, split(at), ' ');
  std::copy(zone.begin(), zone.end(), &text[length]);
  return {text.data(), length + zone.size()};
}

expected<timestamp> parse_timestamp(std::string_view text) {
  return timestamp_reader{text}.read();
}

} // namespace troupe
