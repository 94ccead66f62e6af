#include <algorithm>
#include <cstdint>

#include <troupe/bridges/telemetry/utf8.hpp>

namespace troupe::telemetry {

namespace {

constexpr bool within(std::uint8_t value, std::uint8_t low, std::uint8_t high) noexcept {
  return value >= low && value <= high;
}

// Which second bytes may follow a first one: what keeps out overlong forms, surrogates and what lies above U+10FFFF.
constexpr bool may_follow(std::uint8_t first, std::uint8_t second) noexcept {
  switch (first) {
    case 0xE0:
      return within(second, 0xA0, 0xBF);
    case 0xED:
      return within(second, 0x80, 0x9F);
    case 0xF0:
      return within(second, 0x90, 0xBF);
    case 0xF4:
      return within(second, 0x80, 0x8F);
    default:
      return within(second, 0x80, 0xBF);
  }
}

constexpr std::size_t length_from(std::uint8_t first) noexcept {
  if (first < 0x80)
    return 1;
  if (within(first, 0xC2, 0xDF))
    return 2;
  if (within(first, 0xE0, 0xEF))
    return 3;
  return within(first, 0xF0, 0xF4) ? 4 : 0;
}

} // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto length = text.empty() ? 0 : length_from(at(0));
  if (length == 0 || length > text.size() || (length > 1 && !may_follow(at(0), at(1))))
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!within(at(i), 0x80, 0xBF))
      return 0;
  return length;
}

std::string well_formed(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    if (length == 0)
      result += "\xEF\xBF\xBD";
    else
      result += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string_view cut(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes)
    return text;
  auto end = bytes;
  // A sequence has at most three bytes after its first, each of the form 10xxxxxx.
  while (end > 0 && bytes - end < 3 && within(static_cast<std::uint8_t>(text[end]), 0x80, 0xBF))
    --end;
  return text.substr(0, end);
}

} // namespace troupe::telemetry
