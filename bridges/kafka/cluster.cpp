#include <troupe/bridges/kafka/cluster.hpp>

#include <algorithm>

namespace troupe::kafka {

bool is_broker(std::string_view text) noexcept {
  if (text.starts_with("env:") || text.starts_with("file:") || text.starts_with("aws-"))
    return parse_secret_reference(text).has_value();
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.find_first_of(" ,/@") != std::string_view::npos)
    return false;
  const auto port = settings::text_form<std::uint32_t>::read(text.substr(colon + 1));
  const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
  return port && *port >= 1 && *port <= 65'535 && (bracketed || text.find(':') == colon);
}

bool is_property(std::string_view text) noexcept {
  const auto sign = text.find('=');
  return sign != std::string_view::npos && sign > 0 && text.size() <= 4096
         && std::ranges::all_of(text.substr(0, sign), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
            });
}

} // namespace troupe::kafka
