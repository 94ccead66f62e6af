#include <troupe/deploy/node/topology_text.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

#include <arpa/inet.h>

#include <troupe/deploy/node/topology_setting.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::node {

namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || text.empty() || text.front() == '-')
    return std::nullopt;
  return value;
}

struct unit {
  std::string_view name;
  std::uint64_t size;
};

/// From the largest; a value is printed in the largest unit that divides it.
constexpr std::array duration_units{unit{"d", 86'400'000'000'000},
                                    unit{"h", 3'600'000'000'000},
                                    unit{"min", 60'000'000'000},
                                    unit{"s", 1'000'000'000},
                                    unit{"ms", 1'000'000},
                                    unit{"us", 1'000},
                                    unit{"ns", 1}};
constexpr std::array size_units{unit{"TiB", std::uint64_t{1} << 40U}, unit{"GiB", std::uint64_t{1} << 30U},
                                unit{"MiB", std::uint64_t{1} << 20U}, unit{"KiB", std::uint64_t{1} << 10U}, unit{"B", 1}};

template <class Units>
std::optional<std::uint64_t> quantity(std::string_view text, const Units& units) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = number<std::uint64_t>(text.substr(0, digits));
  const auto found = std::ranges::find(units, text.substr(digits), &unit::name);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (!count || found == units.end() || *count > most / found->size)
    return std::nullopt;
  return *count * found->size;
}

template <class Units>
std::string in_units(std::uint64_t value, const Units& units, std::string_view zero) {
  if (value == 0)
    return std::string{zero};
  const auto largest = std::ranges::find_if(units, [value](const unit& one) { return value % one.size == 0; });
  return std::to_string(value / largest->size) + std::string{largest->name};
}

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

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, text.c_str(), ignored.data()) == 1;
}

} // namespace

std::string text_form<std::string>::print(const std::string& value) {
  std::string result;
  append_json_string(result, value);
  return result;
}

std::optional<std::uint32_t> text_form<std::uint32_t>::read(std::string_view text) {
  return number<std::uint32_t>(text);
}

std::optional<double> text_form<double>::read(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) // neither "inf" nor "nan"
    return std::nullopt;
  return number<double>(text);
}

std::string text_form<double>::print(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::optional<duration> text_form<duration>::read(std::string_view text) {
  const auto nanoseconds = quantity(text, duration_units);
  if (!nanoseconds)
    return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*nanoseconds)};
}

std::string text_form<duration>::print(duration value) {
  return in_units(static_cast<std::uint64_t>(std::chrono::nanoseconds{value}.count()), duration_units, "0s");
}

std::optional<byte_size> text_form<byte_size>::read(std::string_view text) {
  const auto bytes = quantity(text, size_units);
  return bytes ? std::optional{byte_size{*bytes}} : std::nullopt;
}

std::string text_form<byte_size>::print(byte_size value) {
  return in_units(value.bytes, size_units, "0B");
}

std::optional<endpoint> text_form<endpoint>::read(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto port = number<std::uint16_t>(text.substr(colon + 1));
  if (!port)
    return std::nullopt;
  std::string address{text.substr(0, colon)};
  if (address.empty())
    return endpoint{std::string{every_address}, *port};
  if (address == "localhost")
    return endpoint{"127.0.0.1", *port};
  if (is_address(AF_INET, address))
    return endpoint{std::move(address), *port};
  if (address.front() != '[' || address.back() != ']')
    return std::nullopt;
  address = address.substr(1, address.size() - 2);
  return is_address(AF_INET6, address) ? std::optional{endpoint{std::move(address), *port}} : std::nullopt;
}

std::string text_form<endpoint>::print(const endpoint& value) {
  const bool v6 = value.address.find(':') != std::string::npos;
  return (v6 ? '[' + value.address + ']' : value.address) + ':' + std::to_string(value.port);
}

std::optional<collection_name> text_form<collection_name>::read(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || !is_database_name(text.substr(0, dot)) || !is_database_name(text.substr(dot + 1)))
    return std::nullopt;
  return collection_name{std::string{text.substr(0, dot)}, std::string{text.substr(dot + 1)}};
}

std::optional<secret_reference> text_form<secret_reference>::read(std::string_view text) {
  auto read = parse_secret_reference(text);
  return read.has_value() ? std::optional{std::move(*read)} : std::nullopt;
}

std::string text_form<secret_reference>::print(const secret_reference& value) {
  return to_string(value);
}

bool is_loopback(const endpoint& listener) {
  return listener.address.starts_with("127.") || listener.address == "::1";
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

bool is_broker(std::string_view text) noexcept {
  if (text.starts_with("env:") || text.starts_with("file:") || text.starts_with("aws-"))
    return parse_secret_reference(text).has_value();
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.find_first_of(" ,/@") != std::string_view::npos)
    return false;
  const auto port = text_form<std::uint32_t>::read(text.substr(colon + 1));
  const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
  return port && *port >= 1 && *port <= 65'535 && (bracketed || text.find(':') == colon);
}

bool is_host_name(std::string_view text) noexcept {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == ':'; };
  const bool port = std::ranges::count(text, ':') == 1; // an IPv6 address has more
  return !text.empty() && text.size() <= 253 && !port && std::ranges::all_of(text, allowed);
}

bool is_property(std::string_view text) noexcept {
  const auto sign = text.find('=');
  return sign != std::string_view::npos && sign > 0 && text.size() <= 4096
         && std::ranges::all_of(text.substr(0, sign),
                                [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '_'; });
}

bool is_short_text(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 1024 && is_utf8(text);
}

bool is_message_text(std::string_view text) noexcept {
  if (!is_short_text(text))
    return false;
  while (true) {
    const auto brace = text.find_first_of("{}");
    if (brace == std::string_view::npos)
      return true;
    text.remove_prefix(brace);
    if (text.starts_with("{n}"))
      text.remove_prefix(3);
    else if (text.starts_with("{hostname}"))
      text.remove_prefix(10);
    else
      return false;
  }
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
  }
  return "default";
}

void tell(diagnostics& found, const setting_source& source, const place& otherwise, std::string what, std::string expected,
          std::string near) {
  switch (source.from) {
    case setting_source::kind::standard:
      return found.add(otherwise, std::move(what), std::move(expected), std::move(near));
    case setting_source::kind::file:
      return found.add(source.where, std::move(what), std::move(expected), std::move(near));
    case setting_source::kind::environment:
      return found.add("environment: " + source.name, std::move(what), std::move(expected), std::move(near));
    case setting_source::kind::flag:
      return found.add("command line: " + source.name, std::move(what), std::move(expected), std::move(near));
  }
}

} // namespace troupe::node
