#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace troupe::reference {

/// What a template may name: `@name@` is replaced by a text, and `@if PART@`, `@else@` and `@end@`, which may be nested,
/// keep what is of a part. A line of nothing but one of these leaves no line behind.
struct template_values {
  std::map<std::string, std::string, std::less<>> texts;
  std::set<std::string, std::less<>> parts;
};

/// Throws `std::logic_error` for a template that names what there is not.
std::string fill_in(std::string_view text, const template_values& values);

} // namespace troupe::reference
