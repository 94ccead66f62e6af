#include <troupe/bridges/kafka/commit_note.hpp>

#include <charconv>
#include <limits>

namespace troupe::kafka {

namespace {

constexpr std::string_view mark = "troupe1";
constexpr std::string_view reach_field = " reach=";
constexpr std::string_view attempts_field = " attempts=";

failure no_note() {
  return {errc::undecodable, "the metadata of the committed offset is not a note of Troupe"};
}

// Takes `prefix` from the front, if it stands there.
bool take(std::string_view& from, std::string_view prefix) noexcept {
  if (from.substr(0, prefix.size()) != prefix)
    return false;
  from.remove_prefix(prefix.size());
  return true;
}

template <class Number>
bool take_number(std::string_view& from, Number& into) noexcept {
  const auto read = std::from_chars(from.data(), from.data() + from.size(), into);
  if (read.ec != std::errc{})
    return false;
  from.remove_prefix(static_cast<std::size_t>(read.ptr - from.data()));
  return true;
}

bool take_offset(std::string_view& from, std::int64_t committed, std::int64_t& into) noexcept {
  std::int64_t distance = 0;
  if (!take(from, "+") || !take_number(from, distance) || distance < 0
      || distance > std::numeric_limits<std::int64_t>::max() - committed)
    return false;
  into = committed + distance;
  return true;
}

bool take_attempt(std::string_view& from, std::int64_t committed, policies::attempted& into) noexcept {
  return take_offset(from, committed, into.offset) && take(from, ":") && take_number(from, into.count.attempts)
         && take(from, "/") && take_number(from, into.count.answered);
}

} // namespace

std::string encode(const commit_note& note, std::int64_t committed) {
  if (!note.reach && note.attempts.empty())
    return {};
  std::string text{mark};
  if (note.reach)
    text.append(reach_field).append("+").append(std::to_string(*note.reach - committed));
  std::string_view before = attempts_field;
  for (const auto& each : note.attempts) {
    const auto one = "+" + std::to_string(each.offset - committed) + ":" + std::to_string(each.count.attempts) + "/"
                     + std::to_string(each.count.answered);
    if (text.size() + before.size() + one.size() > longest_note)
      break;
    text.append(before).append(one);
    before = ",";
  }
  return text;
}

expected<commit_note> decode_note(std::string_view text, std::int64_t committed) {
  commit_note result;
  if (text.empty())
    return result;
  if (committed < 0 || text.size() > longest_note || !take(text, mark))
    return no_note();
  if (take(text, reach_field)) {
    std::int64_t reach = 0;
    if (!take_offset(text, committed, reach))
      return no_note();
    result.reach = reach;
  }
  if (take(text, attempts_field))
    do {
      policies::attempted one;
      if (!take_attempt(text, committed, one) || (!result.attempts.empty() && result.attempts.back().offset >= one.offset))
        return no_note();
      result.attempts.push_back(one);
    } while (take(text, ","));
  if (!text.empty())
    return no_note();
  return result;
}

} // namespace troupe::kafka
