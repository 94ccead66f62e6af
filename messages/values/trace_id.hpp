#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe {

/// The trace id of a text of 32 lower-case hexadecimal digits; none of another text, or of zeros alone.
std::optional<std::array<std::uint8_t, 16>> read_trace_id(std::string_view text) noexcept;

} // namespace troupe
