#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::telemetry {

/// `text` with each ill-formed byte replaced by U+FFFD.
std::string well_formed(std::string_view text);

/// The longest beginning of `text` that has at most `bytes` bytes and does not end within a sequence.
std::string_view cut(std::string_view text, std::size_t bytes) noexcept;

} // namespace troupe::telemetry
