#include <troupe/messages/values/web_origin.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <arpa/inet.h>

#include <troupe/messages/values/headers.hpp>

namespace troupe {

namespace {

constexpr std::string_view after_scheme = "://";
constexpr std::string_view below = "*.";

bool is_decimal_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || is_decimal_digit(c) || c == '-' || c == '_';
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || is_decimal_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

// Labels between dots, none of them empty; a dot at the end is part of the name.
bool is_name(std::string_view text) noexcept {
  if (text.ends_with('.'))
    text.remove_suffix(1);
  while (true) {
    const auto label = text.substr(0, text.find('.'));
    if (label.empty() || !std::ranges::all_of(label, is_name_character))
      return false;
    if (label.size() == text.size())
      return true;
    text.remove_prefix(label.size() + 1);
  }
}

// The shortest form of an address.
template <class Address>
std::optional<std::string> printed(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(family, &address, text.data(), text.size()) == nullptr)
    return std::nullopt;
  return std::string{text.data()};
}

// What ends in a number is an address to a browser (https://url.spec.whatwg.org/#ends-in-a-number-checker).
bool ends_in_number(std::string_view host) noexcept {
  const auto last = host.substr(host.rfind('.') == std::string_view::npos ? 0 : host.rfind('.') + 1);
  return !last.empty() && (std::ranges::all_of(last, is_decimal_digit) || last.starts_with("0x"));
}

std::optional<std::string> host_as_sent(const std::string& host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address{};
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1)
      return std::nullopt;
    const auto text = printed(AF_INET6, address);
    return text ? std::optional{'[' + *text + ']'} : std::nullopt;
  }
  if (ends_in_number(host)) {
    in_addr address{};
    return inet_aton(host.c_str(), &address) == 1 ? printed(AF_INET, address) : std::nullopt;
  }
  const auto name = std::string_view{host}.substr(host.starts_with(below) ? below.size() : 0);
  return is_name(name) ? std::optional{host} : std::nullopt;
}

// ":8443", or nothing where the port is the scheme's own.
std::optional<std::string> port_as_sent(std::string_view scheme, std::string_view port) {
  if (port.empty())
    return std::string{};
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size())
    return std::nullopt;
  const bool own = (scheme == "http" && number == 80) || (scheme == "https" && number == 443);
  return own ? std::string{} : ':' + std::to_string(number);
}

} // namespace

std::optional<std::string> origin_as_sent(std::string_view listed) {
  const auto text = lower_case(trimmed(listed));
  if (text == "*" || text == "null")
    return text;
  const auto mark = text.find(after_scheme);
  if (mark == std::string::npos || !is_scheme(std::string_view{text}.substr(0, mark)))
    return std::nullopt;
  const auto scheme = text.substr(0, mark);
  auto authority = text.substr(mark + after_scheme.size());
  authority.resize(std::min(authority.find_first_of("/?#\\"), authority.size()));
  authority.erase(0, authority.rfind('@') + 1); // npos + 1 is 0
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  const auto host = host_as_sent(has_port ? authority.substr(0, colon) : authority);
  const auto port = port_as_sent(scheme, has_port ? std::string_view{authority}.substr(colon + 1) : std::string_view{});
  return host && port ? std::optional{scheme + std::string{after_scheme} + *host + *port} : std::nullopt;
}

bool is_listable_origin(std::string_view listed) noexcept {
  return origin_as_sent(listed) == listed;
}

bool origin_means(std::string_view listed, std::string_view sent) noexcept {
  const auto mark = listed.find(after_scheme);
  if (mark == std::string_view::npos || !listed.substr(mark + after_scheme.size()).starts_with(below))
    return listed == sent;
  const auto before = listed.substr(0, mark + after_scheme.size());
  const auto after = listed.substr(before.size() + 1); // from the dot on
  if (sent.size() <= before.size() + after.size() || !sent.starts_with(before) || !sent.ends_with(after))
    return false;
  const auto between = sent.substr(before.size(), sent.size() - before.size() - after.size());
  return !between.ends_with('.') && is_name(between);
}

} // namespace troupe
