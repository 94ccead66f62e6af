#pragma once

#include <string>
#include <string_view>

#include <troupe/messages/values/headers.hpp>

namespace troupe::amqp {

/// The name of the header that tells in which order the author's headers stood: a table of the protocol has none, and
/// brokers sort it by name when they write into it.
inline constexpr std::string_view order_header = "header-order";

/// That header's value: for each header as the names sort them, its place, such as `1,0`. Empty where they stand sorted.
std::string order_text(const header_list& headers);

/// Puts headers that a broker has sorted back into their order. Those that stand otherwise, or are not those of which `text`
/// speaks, stay as they are.
void restore_order(std::string_view text, header_list& headers);

} // namespace troupe::amqp
