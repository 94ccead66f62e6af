// The `troupe-missing` header: an RFC 8941 list of tokens, each with the parameters `part` and `error`.
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <troupe/messages/values/greeting.hpp>

namespace troupe {

namespace {

constexpr bool begins_token(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*';
}

constexpr bool in_token(char c) noexcept {
  return begins_token(c) || (c >= '0' && c <= '9') || std::string_view{"!#$%&'+-.^_`|~:/"}.find(c) != std::string_view::npos;
}

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && begins_token(text.front()) && std::all_of(text.begin(), text.end(), in_token);
}

/// `text` where it is a token. Otherwise what a token cannot hold becomes `-`, and `*` leads: `Service E` is `Service-E`.
void append_token(std::string& out, std::string_view text) {
  if (text.empty() || !begins_token(text.front()))
    out += '*';
  for (const auto c : text)
    out += in_token(c) ? c : '-';
}

constexpr std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what stands before the next `separator` off `rest`, trimmed; a separator inside a quoted string is none.
std::string_view take_part(std::string_view& rest, char separator) noexcept {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size() && (quoted || rest[at] != separator); ++at) {
    if (rest[at] == '"')
      quoted = !quoted;
    else if (quoted && rest[at] == '\\')
      ++at;
  }
  const auto part = trim(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

std::optional<shortfall> read_member(std::string_view text) {
  const auto service = take_part(text, ';');
  std::string_view part;
  std::string_view error;
  while (!text.empty()) { // parameters that are not known are skipped, the last of a name counts
    const auto parameter = take_part(text, ';');
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos)
      continue;
    if (const auto key = parameter.substr(0, equals); key == "part")
      part = parameter.substr(equals + 1);
    else if (key == "error")
      error = parameter.substr(equals + 1);
  }
  if (!is_token(service) || !is_token(part) || !is_token(error))
    return std::nullopt;
  return shortfall{std::string{service}, std::string{part}, errc_from_string(error)};
}

} // namespace

std::string missing_header(const std::vector<shortfall>& missing) {
  std::string text;
  for (const auto& each : missing) {
    if (!text.empty())
      text += ", ";
    append_token(text, each.service);
    text += ";part=";
    append_token(text, each.part);
    text += ";error=";
    text += to_string(each.error);
  }
  return text;
}

std::vector<shortfall> parse_missing_header(std::string_view text) {
  std::vector<shortfall> missing;
  while (!text.empty())
    if (auto member = read_member(take_part(text, ',')))
      missing.push_back(std::move(*member));
  return missing;
}

} // namespace troupe
