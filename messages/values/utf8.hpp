#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// A code point at the beginning of a text, as UTF-8 has it (the Unicode Standard, section 3.9, table 3-7).
struct code_point {
  char32_t value = 0;
  std::size_t length = 1; ///< in bytes; of what is ill formed, the longest start of a valid sequence, and at least 1
  bool valid = false;
};

/// The first code point of a text that is not empty.
code_point first_code_point(std::string_view text) noexcept;

/// Whether a text is nothing but valid UTF-8.
bool is_utf8(std::string_view text) noexcept;

/// `text` with each ill-formed byte replaced by U+FFFD.
std::string well_formed(std::string_view text);

/// The longest beginning of `text` that has at most `bytes` bytes and does not end within a sequence.
std::string_view cut(std::string_view text, std::size_t bytes) noexcept;

} // namespace troupe
