#pragma once

#include <string>
#include <string_view>

namespace troupe {

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
