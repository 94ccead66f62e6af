#include <troupe/messages/values/headers.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::vector<header_view> views_of(const header_list& headers) {
  std::vector<header_view> result;
  result.reserve(headers.size());
  for (const auto& each : headers)
    result.push_back({each.name, each.value});
  return result;
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool same_header_name(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size()
         && std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

const std::string* find_header(const header_list& headers, std::string_view name) noexcept {
  for (const auto& each : headers)
    if (same_header_name(each.name, name))
      return &each.value;
  return nullptr;
}

void set_header(header_list& headers, std::string_view name, std::string value) {
  for (auto& each : headers)
    if (same_header_name(each.name, name)) {
      each.value = std::move(value);
      return;
    }
  headers.push_back({std::string{name}, std::move(value)});
}

} // namespace troupe
