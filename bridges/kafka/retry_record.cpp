#include <troupe/bridges/kafka/retry_record.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace troupe::kafka {

namespace {

constexpr std::string_view group_header = "retry-group";
constexpr std::string_view answered_header = "retry-answered";
constexpr std::string_view due_header = "retry-due";

// The last header of that name: a later writer adds its headers behind the others.
std::optional<std::string> take_last(header_list& from, std::string_view name) {
  const auto found =
    std::find_if(from.rbegin(), from.rend(), [name](const header& each) { return same_header_name(each.name, name); });
  if (found == from.rend())
    return std::nullopt;
  auto value = std::move(found->value);
  from.erase(std::next(found).base());
  return value;
}

std::optional<std::uint32_t> to_number(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc{} && read.ptr == end ? std::optional{value} : std::nullopt;
}

} // namespace

header_list retry_headers(const retry_record& from) {
  auto result = dead_letter_headers(from.letter);
  result.push_back({std::string{group_header}, from.group});
  result.push_back({std::string{answered_header}, std::to_string(from.answered)});
  result.push_back({std::string{due_header}, to_rfc3339(from.due)});
  return result;
}

expected<retry_record> retry_from_headers(message content) {
  const auto due_text = take_last(content.headers, due_header);
  const auto answered_text = take_last(content.headers, answered_header);
  auto group = take_last(content.headers, group_header);
  if (!due_text || !answered_text || !group)
    return failure{errc::undecodable, "the headers of a retry are missing"};
  const auto answered = to_number(*answered_text);
  if (!answered)
    return failure{errc::undecodable, std::string{answered_header} + ": '" + *answered_text + "' is not a number"};
  const auto due = parse_timestamp(*due_text);
  if (!due)
    return failure{errc::undecodable, std::string{due_header} + ": " + due.error().reason};
  if (content.wire)
    for (const auto name : {group_header, answered_header, due_header})
      erase_last(content.wire->headers, name);
  auto letter = dead_letter_from_headers(std::move(content));
  if (!letter)
    return letter.error();
  if (*answered > letter->attempts)
    return failure{errc::undecodable, std::string{answered_header} + ": more answers than attempts"};
  return retry_record{std::move(*letter), std::move(*group), *answered, *due};
}

} // namespace troupe::kafka
