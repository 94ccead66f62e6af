#include <troupe/deploy/host/topology/topology_text.hpp>

#include <algorithm>

#include <troupe/deploy/host/topology/topology_sources.hpp>

namespace troupe::host {

namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_database_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 63
         && std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

} // namespace

std::optional<collection_name> parse_collection(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || !is_database_name(text.substr(0, dot)) || !is_database_name(text.substr(dot + 1)))
    return std::nullopt;
  return collection_name{std::string{text.substr(0, dot)}, std::string{text.substr(dot + 1)}};
}

bool is_service_name(std::string_view name) noexcept {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
  return !name.empty() && name.size() <= 63 && is_letter(name.front()) && name.back() != '-'
         && std::ranges::all_of(name, allowed);
}

bool is_channel_name(std::string_view name) noexcept {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." && std::ranges::all_of(name, allowed);
}

bool is_host_name(std::string_view text) noexcept {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == ':'; };
  const bool port = std::ranges::count(text, ':') == 1; // an IPv6 address has more
  return !text.empty() && text.size() <= 253 && !port && std::ranges::all_of(text, allowed);
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char one : text) {
    const auto byte = static_cast<unsigned char>(one);
    if (is_letter(one) || is_digit(one) || std::string_view{"-._~"}.find(one) != std::string_view::npos)
      result += one;
    else
      result.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return result;
}

bool is_message_text(std::string_view text) noexcept {
  if (!settings::is_short_text(text))
    return false;
  // A word in braces is a variable, perhaps misspelt. Other braces are those of JSON.
  for (auto brace = text.find('{'); brace != std::string_view::npos; brace = text.find('{')) {
    text.remove_prefix(brace + 1);
    const auto word = text.substr(0, std::ranges::find_if_not(text, is_letter) - text.begin());
    if (!word.empty() && text.substr(word.size()).starts_with('}') && word != "n" && word != "hostname")
      return false;
  }
  return true;
}

std::string to_string(const setting_source& source) {
  switch (source.from) {
    case setting_source::kind::standard:
      return "default";
    case setting_source::kind::file:
      return to_string(source.where);
    case setting_source::kind::environment:
      return "environment " + source.name;
    case setting_source::kind::flag:
      return "flag " + source.name;
    case setting_source::kind::code:
      return "code";
  }
  return "default";
}

void add_mistake(diagnostics& found, const setting_source& source, const position& otherwise, std::string problem,
                 std::string expected, std::string near) {
  switch (source.from) {
    case setting_source::kind::standard:
      return found.add(otherwise, std::move(problem), std::move(expected), std::move(near));
    case setting_source::kind::file:
      return found.add(source.where, std::move(problem), std::move(expected), std::move(near));
    case setting_source::kind::environment:
      return found.add("environment: " + source.name, std::move(problem), std::move(expected), std::move(near));
    case setting_source::kind::flag:
      return found.add("command line: " + source.name, std::move(problem), std::move(expected), std::move(near));
    case setting_source::kind::code:
      return found.add(source.name, std::move(problem), std::move(expected), std::move(near));
  }
}

} // namespace troupe::host
