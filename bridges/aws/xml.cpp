#include <troupe/bridges/aws/xml.hpp>

#include <array>
#include <utility>

namespace troupe::aws {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::pair<std::string_view, char>, 5> entities{
  {{"&amp;"sv, '&'}, {"&lt;"sv, '<'}, {"&gt;"sv, '>'}, {"&quot;"sv, '"'}, {"&apos;"sv, '\''}}};

// An ampersand that begins none of the entities stands for itself.
std::string resolved(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::size_t length = 1;
    char sign = text.front();
    for (const auto& [entity, meaning] : entities)
      if (text.starts_with(entity)) {
        sign = meaning;
        length = entity.size();
        break;
      }
    result += sign;
    text.remove_prefix(length);
  }
  return result;
}

// What follows the start tag; nothing when there is none.
std::optional<std::string_view> after_start_tag(std::string_view xml, std::string_view name) {
  const auto tag = "<" + std::string{name};
  for (auto at = xml.find(tag); at != std::string_view::npos; at = xml.find(tag, at + 1)) {
    const auto rest = xml.substr(at + tag.size());
    if (rest.starts_with('>'))
      return rest.substr(1);
    if (const auto end = rest.find('>'); rest.starts_with(' ') && end != std::string_view::npos && rest[end - 1] != '/')
      return rest.substr(end + 1);
  }
  return {};
}

} // namespace

std::optional<std::string> element_text(std::string_view xml, std::string_view name) {
  constexpr auto open = "<![CDATA["sv;
  constexpr auto close = "]]>"sv;
  const auto rest = after_start_tag(xml, name);
  if (!rest)
    return {};
  if (rest->starts_with(open)) {
    const auto end = rest->find(close);
    return end == std::string_view::npos ? std::nullopt
                                         : std::optional{std::string{rest->substr(open.size(), end - open.size())}};
  }
  const auto end = rest->find('<');
  if (end == std::string_view::npos || !rest->substr(end).starts_with("</" + std::string{name} + ">"))
    return {};
  return resolved(rest->substr(0, end));
}

} // namespace troupe::aws
