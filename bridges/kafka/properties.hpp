#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>

namespace troupe::kafka {

/// Properties that librdkafka does not know or whose values it does not take, and those that Troupe sets itself: in words.
std::vector<std::string> check_properties(const property_list& properties);

/// Whether the value of that property is a secret, to be shown as `***`.
bool is_secret_property(std::string_view name) noexcept;

} // namespace troupe::kafka
