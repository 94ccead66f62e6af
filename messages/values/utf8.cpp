#include <troupe/messages/values/utf8.hpp>

#include <cstdint>
#include <utility>

namespace troupe {

namespace {

constexpr unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// How long a sequence is, and which second bytes may follow: what keeps out overlong forms and surrogates.
struct lead {
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
};

constexpr lead lead_of(unsigned byte) noexcept {
  if (byte < 0x80)
    return {1};
  if (byte >= 0xc2 && byte <= 0xdf)
    return {2};
  if (byte >= 0xe0 && byte <= 0xef)
    return {3, byte == 0xe0 ? 0xa0U : 0x80U, byte == 0xed ? 0x9fU : 0xbfU};
  if (byte >= 0xf0 && byte <= 0xf4)
    return {4, byte == 0xf0 ? 0x90U : 0x80U, byte == 0xf4 ? 0x8fU : 0xbfU};
  return {};
}

constexpr bool continues(char byte) noexcept {
  return (static_cast<std::uint8_t>(byte) & 0xC0U) == 0x80;
}

} // namespace

code_point first_code_point(std::string_view text) noexcept {
  const auto first = byte_at(text, 0);
  auto [length, low, high] = lead_of(first);
  if (length <= 1)
    return {first, 1, length == 1};
  char32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = byte_at(text, i);
    if (byte < std::exchange(low, 0x80U) || byte > std::exchange(high, 0xbfU))
      return {0, i, false};
    value = value << 6U | (byte & 0x3fU);
  }
  return {value, length, true};
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (!next.valid)
      return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string well_formed(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [value, length, valid] = first_code_point(text);
    if (valid)
      result += text.substr(0, length);
    else
      for (std::size_t i = 0; i < length; ++i)
        result += "\xEF\xBF\xBD";
    text.remove_prefix(length);
  }
  return result;
}

std::string_view cut(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes)
    return text;
  auto end = bytes;
  // A sequence has at most three bytes after its first, each of the form 10xxxxxx.
  while (end > 0 && bytes - end < 3 && continues(text[end]))
    --end;
  return text.substr(0, end);
}

} // namespace troupe
