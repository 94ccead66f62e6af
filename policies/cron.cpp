#include <troupe/policies/cron.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace troupe::policies {

namespace {

using namespace std::chrono;

constexpr days longest_wait{48 * 366}; // a 29 February of a certain weekday may be 40 years away

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct field_rule {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> words = {}; ///< the first means `least`
};

constexpr std::array<field_rule, 5> field_rules{
  field_rule{"minute", 0, 59}, field_rule{"hour", 0, 23}, field_rule{"day of the month", 1, 31},
  field_rule{"month", 1, 12, month_names}, field_rule{"day of the week", 0, 7, weekday_names}};

failure wrong(const field_rule& rule, std::string_view part) {
  return {errc::invalid, "its " + std::string{rule.name} + " has \"" + std::string{part} + "\"; expected *, "
                           + std::to_string(rule.least) + " to " + std::to_string(rule.most)
                           + ", ranges and lists of those, and steps as in */5"};
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_word(std::string_view text, std::string_view word) noexcept {
  if (text.size() != word.size())
    return false;
  for (std::size_t i = 0; i != text.size(); ++i)
    if (upper(text[i]) != word[i])
      return false;
  return true;
}

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return value;
}

std::optional<unsigned> value_of(std::string_view text, const field_rule& rule) {
  for (std::size_t i = 0; i != rule.words.size(); ++i)
    if (same_word(text, rule.words[i]))
      return rule.least + static_cast<unsigned>(i);
  const auto value = number_of(text);
  return value && *value >= rule.least && *value <= rule.most ? value : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> result;
  while (true) {
    const auto end = text.find(at);
    result.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return result;
    text.remove_prefix(end + 1);
  }
}

// "*", "7", "1-5", "*/15" or "1-31/2".
template <std::size_t N>
bool add_part(std::string_view part, const field_rule& rule, std::bitset<N>& into) {
  const auto slash = part.find('/');
  const auto range = part.substr(0, slash);
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto given = number_of(part.substr(slash + 1));
    if (!given || *given == 0 || *given > rule.most)
      return false;
    step = *given;
  }
  auto from = rule.least;
  auto to = rule.most;
  if (range != "*") {
    const auto dash = range.find('-');
    const auto first = value_of(range.substr(0, dash), rule);
    const auto last = dash == std::string_view::npos ? first : value_of(range.substr(dash + 1), rule);
    if (!first || !last || *first > *last || (dash == std::string_view::npos && slash != std::string_view::npos))
      return false;
    from = *first;
    to = *last;
  }
  for (auto value = from; value <= to; value += step)
    into.set(value % N);
  return true;
}

template <std::size_t N>
expected<std::bitset<N>> read_field(std::string_view text, const field_rule& rule) {
  std::bitset<N> result;
  for (const auto part : split(text, ','))
    if (!add_part(part, rule, result))
      return wrong(rule, part);
  return result;
}

std::vector<std::string_view> words_of_line(std::string_view text) {
  constexpr std::string_view blank = " \t";
  std::vector<std::string_view> result;
  for (auto begin = text.find_first_not_of(blank); begin != std::string_view::npos;) {
    const auto end = text.find_first_of(blank, begin);
    result.push_back(text.substr(begin, end - begin));
    begin = end == std::string_view::npos ? end : text.find_first_not_of(blank, end);
  }
  return result;
}

// Takes a field, or the reason why it cannot be read.
template <std::size_t N>
bool take(expected<std::bitset<N>> read, std::bitset<N>& into, std::optional<failure>& problem) {
  if (read.has_error()) {
    problem = std::move(read).error();
    return false;
  }
  into = *read;
  return true;
}

} // namespace

civil_minute utc_minute(timestamp at) {
  const auto day = floor<days>(at);
  return {day, floor<minutes>(at - day)};
}

timestamp from_utc(const civil_minute& minute) {
  return sys_days{minute.day} + minute.of_day;
}

expected<cron> cron::parse(std::string_view text) {
  const auto fields = words_of_line(text);
  if (fields.size() != field_rules.size())
    return failure{errc::invalid, "it has " + std::to_string(fields.size())
                                    + " fields; expected five: minute, hour, day of the month, month, day of the week"};
  cron result;
  std::optional<failure> problem;
  // A seventh day of the week is the first one, and so are its bits.
  if (!take(read_field<60>(fields[0], field_rules[0]), result.minutes_, problem)
      || !take(read_field<24>(fields[1], field_rules[1]), result.hours_, problem)
      || !take(read_field<32>(fields[2], field_rules[2]), result.days_, problem)
      || !take(read_field<13>(fields[3], field_rules[3]), result.months_, problem)
      || !take(read_field<7>(fields[4], field_rules[4]), result.weekdays_, problem))
    return std::move(*problem);
  result.any_day_ = fields[2].front() == '*';
  result.any_weekday_ = fields[4].front() == '*';
  if (!result.day_from(sys_days{year{1897} / March / 1})) // after which 29 February is longest away
    return failure{errc::invalid, "no day is ever the day of its fields; expected one that some year has"};
  return result;
}

bool cron::matches(const year_month_day& day) const {
  if (!months_.test(static_cast<unsigned>(day.month())))
    return false;
  const bool of_month = days_.test(static_cast<unsigned>(day.day()));
  const bool of_week = weekdays_.test(weekday{sys_days{day}}.c_encoding());
  return any_day_ || any_weekday_ ? of_month && of_week : of_month || of_week;
}

std::optional<sys_days> cron::day_from(sys_days day) const {
  for (const auto end = day + longest_wait; day != end; day += days{1})
    if (matches(day))
      return day;
  return std::nullopt;
}

std::optional<minutes> cron::minute_from(minutes of_day) const {
  for (; of_day < days{1}; ++of_day)
    if (hours_.test(static_cast<std::size_t>(of_day / hours{1}))
        && minutes_.test(static_cast<std::size_t>((of_day % hours{1}).count())))
      return of_day;
  return std::nullopt;
}

civil_minute cron::next(const civil_minute& after) const {
  const sys_days today{after.day};
  if (matches(today))
    if (const auto later = minute_from(after.of_day + minutes{1}))
      return {today, *later};
  // Both are there: `parse` has looked.
  return {day_from(today + days{1}).value(), minute_from(minutes{0}).value()};
}

zone_rules utc_rules() {
  return {utc_minute, from_utc};
}

timestamp next_due(const cron& schedule, const zone_rules& zone, timestamp now) {
  // A clock that goes back shows what it has shown before: those minutes were due then.
  auto at = schedule.next(zone.shown(now));
  auto due = zone.first_shown(at);
  while (due <= now) {
    at = schedule.next(at);
    due = zone.first_shown(at);
  }
  return due;
}

} // namespace troupe::policies
