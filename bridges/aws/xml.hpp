#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::aws {

/// The text of the first element of that name, which holds no other elements, with entities and CDATA resolved. As much of
/// XML as the answers of STS need.
std::optional<std::string> element_text(std::string_view xml, std::string_view name);

} // namespace troupe::aws
