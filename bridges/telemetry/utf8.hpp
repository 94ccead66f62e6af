#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::telemetry {

/// How many bytes the well-formed UTF-8 sequence at the beginning of `text` has (Unicode 15, table 3-7); 0 when it begins
/// with none.
std::size_t utf8_sequence(std::string_view text) noexcept;

/// `text` with each ill-formed byte replaced by U+FFFD.
std::string well_formed(std::string_view text);

/// The longest beginning of `text` that has at most `bytes` bytes and does not end within a sequence.
std::string_view cut(std::string_view text, std::size_t bytes) noexcept;

} // namespace troupe::telemetry
