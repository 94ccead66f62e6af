#include <troupe/messages/contracts/transcoding_escapes.hpp>

#include <charconv>

namespace troupe::contracts {

namespace {

enum class plus : std::uint8_t { itself, space };

expected<std::string> decode_text(std::string_view text, escaped_slash slash, plus sign) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result += text[at] == '+' && sign == plus::space ? ' ' : text[at];
      continue;
    }
    const auto digits = text.substr(at + 1, 2);
    unsigned byte = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc{} || stop != digits.data() + 2)
      return failure{errc::invalid, "a percent escape is malformed"};
    if (byte == '/' && slash == escaped_slash::kept)
      result.append("%").append(digits);
    else
      result += static_cast<char>(byte);
    at += 2;
  }
  return result;
}

} // namespace

expected<std::string> decode_path_text(std::string_view text, escaped_slash slash) {
  return decode_text(text, slash, plus::itself);
}

expected<std::string> decode_query_text(std::string_view text) {
  return decode_text(text, escaped_slash::resolved, plus::space);
}

std::string encode_path_text(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'
                       || c == '.' || c == '~';
    if (plain) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', hex[byte / 16], hex[byte % 16]};
  }
  return result;
}

} // namespace troupe::contracts
