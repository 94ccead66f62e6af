#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

struct utf8_sequence {
  std::size_t length;
  bool valid;
};

/// The sequence at `at`, which is within the text, or how many bytes of it one U+FFFD replaces: the longest start of a valid
/// one, at least one byte (the Unicode Standard, section 3.9, table 3-7 and "substitution of maximal subparts").
constexpr utf8_sequence utf8_sequence_at(std::string_view text, std::size_t at) noexcept {
  const auto byte_at = [text](std::size_t where) -> unsigned {
    return where < text.size() ? static_cast<unsigned char>(text[where]) : 0;
  };
  const auto lead = byte_at(at);
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (lead < 0x80) {
    length = 1;
  } else if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    low = lead == 0xe0 ? 0xa0 : 0x80;
    high = lead == 0xed ? 0x9f : 0xbf;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    low = lead == 0xf0 ? 0x90 : 0x80;
    high = lead == 0xf4 ? 0x8f : 0xbf;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = byte_at(at + i);
    if (byte < low || byte > high)
      return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {length, true};
}

} // namespace troupe
