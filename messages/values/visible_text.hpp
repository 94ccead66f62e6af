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

/// Whether a code point changes what stands around it, or how a terminal goes on, instead of being seen: control characters
/// (C0, DEL, C1), line and paragraph separators, marks of direction (https://www.unicode.org/reports/tr9/, section 2), and
/// characters for annotations and tags.
bool is_unseen(char32_t value) noexcept;

/// Appends `text` for a terminal or a line of a log: `\n` and `\x1b` for control characters and for each byte that
/// is no UTF-8, `\u202e` and `\U000e0041` for what else is unseen. Everything else stands as it is.
void append_visible(std::string& out, std::string_view text);
std::string visible(std::string_view text);

/// Appends the code point as JSON escapes it: `\u001b`, above U+FFFF as two surrogates.
void append_json_escape(std::string& out, char32_t value);

/// A JSON text, which is valid UTF-8, with what is unseen in its strings escaped. It means the same.
std::string visible_json(std::string_view json);

} // namespace troupe
