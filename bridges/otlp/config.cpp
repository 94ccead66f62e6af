#include <troupe/bridges/otlp/config.hpp>

#include <algorithm>

namespace troupe::otlp {

namespace {

int digit_of(char c) noexcept {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A `%` that no two digits follow stays what it is.
std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at != text.size(); ++at) {
    const bool escaped =
      text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 && digit_of(text[at + 2]) >= 0;
    if (escaped)
      result += static_cast<char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2]));
    else
      result += text[at];
    at += escaped ? 2 : 0;
  }
  return result;
}

std::string_view without_blanks(std::string_view text) noexcept {
  const auto from = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(from);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

} // namespace

bool is_collector_url(std::string_view text) noexcept {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.starts_with(scheme) && text.size() > scheme.size() && text.size() <= 1024)
      return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '@' && c != '?' && c != '#'; })
             && text[scheme.size()] != '/';
  return false;
}

bool is_pair(std::string_view text) noexcept {
  const auto equals = text.find('=');
  return equals != std::string_view::npos && !without_blanks(text.substr(0, equals)).empty();
}

bool exports(const config& given) noexcept {
  return given.to == exporting::always
         || (given.to == exporting::where_told && !(given.endpoint.empty() && given.traces_endpoint.empty()));
}

std::string address_of(const config& given) {
  if (!given.traces_endpoint.empty())
    return given.traces_endpoint;
  if (given.by == protocol::grpc)
    return given.endpoint.empty() ? "http://localhost:4317" : given.endpoint;
  auto base = given.endpoint.empty() ? std::string{"http://localhost:4318"} : given.endpoint;
  while (base.ends_with('/'))
    base.pop_back();
  return base + "/v1/traces";
}

expected<std::vector<std::pair<std::string, std::string>>> pairs_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& each : split_list(text)) {
    if (!is_pair(each))
      return failure{errc::invalid, "expected NAME=VALUE between commas"};
    const auto equals = each.find('=');
    result.emplace_back(percent_decoded(without_blanks(std::string_view{each}.substr(0, equals))),
                        percent_decoded(without_blanks(std::string_view{each}.substr(equals + 1))));
  }
  return result;
}

} // namespace troupe::otlp
