#pragma once

#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>

namespace troupe_test {

/// Why there is no value, or "accepted": what tests of refusals compare.
template <class T>
std::string refusal(const troupe::expected<T>& result) {
  return result ? std::string{"accepted"} : troupe::to_string(result.error());
}

} // namespace troupe_test
