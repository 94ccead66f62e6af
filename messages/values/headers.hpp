#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One header of a message or a call. Names are compared without regard to case (ASCII).
struct header {
  std::string name;
  std::string value;

  friend bool operator==(const header&, const header&) = default;
};

using header_list = std::vector<header>;

/// Whether two header names are the same (ASCII, case-insensitive).
bool same_header_name(std::string_view left, std::string_view right) noexcept;

/// The value of the first header with that name, or null.
const std::string* find_header(const header_list& headers, std::string_view name) noexcept;

/// Replaces the first header with that name, or appends it.
void set_header(header_list& headers, std::string_view name, std::string value);

} // namespace troupe
