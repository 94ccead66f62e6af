#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <troupe/messages/values/headers.hpp>

namespace troupe_fuzz {

/// Ends the process where a property does not hold, which the fuzzer reports as a crash with its input.
inline void require(bool holds) {
  if (!holds)
    __builtin_trap();
}

/// The input as text; valid as long as the input.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The input as headers: a line each, the name before the first colon.
inline troupe::header_list headers_of(std::string_view text) {
  troupe::header_list headers;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const auto colon = line.find(':');
    headers.push_back({std::string{line.substr(0, colon)},
                       std::string{colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1)}});
  }
  return headers;
}

} // namespace troupe_fuzz
