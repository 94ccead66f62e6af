#include <troupe/messages/values/visible_text.hpp>

#include <array>

#include <troupe/messages/values/utf8.hpp>

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
