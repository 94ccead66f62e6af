#include <troupe/messages/values/visible_text.hpp>

#include <array>
#include <utility>

namespace troupe {

namespace {

struct span_of_points {
  char32_t first;
  char32_t last;
};

constexpr std::array unseen{span_of_points{0x00, 0x1f},      span_of_points{0x7f, 0x9f},
                            span_of_points{0x061c, 0x061c},    // a mark of direction
                            span_of_points{0x200e, 0x200f},    // two more
                            span_of_points{0x2028, 0x202e},    // separators, embeddings and overrides of direction
                            span_of_points{0x2066, 0x206f},    // isolates, and deprecated format characters
                            span_of_points{0xfff9, 0xfffb},    // annotations
                            span_of_points{0xe0000, 0xe007f}}; // tags

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

void append_hexadecimal(std::string& out, char32_t value, unsigned digits) {
  for (auto left = digits; left > 0; --left)
    out += "0123456789abcdef"[value >> 4U * (left - 1) & 0x0fU];
}

void append_escape(std::string& out, char32_t value) {
  out += '\\';
  if (value == '\n') {
    out += 'n';
    return;
  }
  const bool byte = value < 0x100;
  out += byte ? 'x' : value < 0x10000 ? 'u' : 'U';
  append_hexadecimal(out, value, byte ? 2 : value < 0x10000 ? 4 : 8);
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

bool is_unseen(char32_t value) noexcept {
  for (const auto& [first, last] : unseen)
    if (value >= first && value <= last)
      return true;
  return false;
}

void append_visible(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (next.valid && !is_unseen(next.value))
      out += text.substr(0, next.length);
    else if (next.valid)
      append_escape(out, next.value);
    else
      for (const auto byte : text.substr(0, next.length)) {
        out += "\\x";
        append_hexadecimal(out, static_cast<unsigned char>(byte), 2);
      }
    text.remove_prefix(next.length);
  }
}

std::string visible(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_visible(result, text);
  return result;
}

void append_json_escape(std::string& out, char32_t value) {
  const auto unit = [&out](char32_t each) {
    out += "\\u";
    append_hexadecimal(out, each, 4);
  };
  if (value < 0x10000)
    return unit(value);
  const auto above = value - 0x10000;
  unit(0xd800 + (above >> 10U));
  unit(0xdc00 + (above & 0x3ffU));
}

std::string visible_json(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  while (!json.empty()) {
    const auto next = first_code_point(json);
    // What is below a space stands between values, as JSON allows it nowhere else.
    if (next.valid && next.value > 0x1f && is_unseen(next.value))
      append_json_escape(result, next.value);
    else
      result += json.substr(0, next.length);
    json.remove_prefix(next.length);
  }
  return result;
}

} // namespace troupe
