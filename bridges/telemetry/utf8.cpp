#include <cstdint>

#include <troupe/bridges/telemetry/utf8.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::telemetry {

namespace {

constexpr bool continues(char byte) noexcept {
  return (static_cast<std::uint8_t>(byte) & 0xC0U) == 0x80;
}

} // namespace

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

} // namespace troupe::telemetry
