#pragma once

#include <cstddef>
#include <functional>
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

/// A header whose text is owned elsewhere.
struct header_view {
  std::string_view name;
  std::string_view value;
};

/// The headers as views, which last as long as those do.
std::vector<header_view> views_of(const header_list& headers);

/// Takes headers one by one. A view is valid only during the call.
using header_taker = std::function<void(const header_view&)>;

/// A text with its ASCII letters in lower case, whatever the locale.
std::string lower_case(std::string_view text);

/// Whether two header names are the same (ASCII, case-insensitive).
bool same_header_name(std::string_view left, std::string_view right) noexcept;

/// The value of the first header with that name, or null.
const std::string* find_header(const header_list& headers, std::string_view name) noexcept;

/// Erases the last of the headers (of any type with a `name`) with that name, which is the one that was added last.
template <class Headers>
void erase_last(Headers& headers, std::string_view name) {
  for (auto at = headers.size(); at-- > 0;)
    if (same_header_name(headers[at].name, name)) {
      headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
}

/// Replaces the first header with that name, or appends it.
void set_header(header_list& headers, std::string_view name, std::string value);

} // namespace troupe
