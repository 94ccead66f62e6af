#include <troupe/deploy/host/topology/peer_address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace troupe::host {

namespace {

using scheme = peer_address::scheme;

constexpr std::string_view resolver = "dns:///";
constexpr std::array schemes{
  std::pair{std::string_view{"grpc://"}, scheme::grpc}, std::pair{std::string_view{"grpcs://"}, scheme::grpcs},
  std::pair{std::string_view{"http://"}, scheme::http}, std::pair{std::string_view{"https://"}, scheme::https}};

bool is_port(std::string_view text) noexcept {
  unsigned value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stopped == end && value >= 1 && value <= 65'535;
}

constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";

bool all_of(std::string_view text, std::string_view others) noexcept {
  return std::ranges::all_of(text, [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || others.find(c) != std::string_view::npos;
  });
}

bool is_ipv6(std::string_view text) noexcept {
  return text.find(':') != std::string_view::npos && std::ranges::all_of(text, [](char c) {
           return c == ':' || c == '.' || hexadecimal.find(c) != std::string_view::npos;
         });
}

/// A name or an IPv4 address, or an IPv6 address in brackets.
bool is_host(std::string_view text) noexcept {
  if (text.starts_with('['))
    return text.ends_with(']') && is_ipv6(text.substr(1, text.size() - 2));
  return !text.empty() && text.size() <= 253 && all_of(text, ".-_");
}

/// Behind the brackets of an IPv6 address, if there are any.
std::size_t port_colon(std::string_view text) noexcept {
  const auto bracket = text.rfind(']');
  return text.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

bool is_host_and_port(std::string_view text) noexcept {
  const auto colon = port_colon(text);
  return colon != std::string_view::npos && is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

std::optional<peer_address> read_http(scheme how, std::string_view rest) {
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto host = rest.substr(0, slash);
  auto path = rest.substr(slash);
  if ((!is_host(host) && !is_host_and_port(host)) || !all_of(path, "/-._~%"))
    return std::nullopt;
  if (path == "/") // as people end the address of a host
    path = {};
  return peer_address{how, std::string{host}, std::string{path}};
}

} // namespace

std::optional<peer_address> parse_peer_address(std::string_view text) {
  for (const auto& [prefix, how] : schemes) {
    if (!text.starts_with(prefix))
      continue;
    const auto rest = text.substr(prefix.size());
    if (how == scheme::http || how == scheme::https)
      return read_http(how, rest);
    return is_host_and_port(rest) ? std::optional{peer_address{how, std::string{rest}, {}}} : std::nullopt;
  }
  const auto host = text.starts_with(resolver) ? text.substr(resolver.size()) : text;
  return is_host_and_port(host) ? std::optional{peer_address{scheme::grpc, std::string{text}, {}}} : std::nullopt;
}

std::string to_string(const peer_address& value) {
  if (value.target.starts_with(resolver))
    return value.target;
  const auto written = std::ranges::find(schemes, value.how, &decltype(schemes)::value_type::second);
  return std::string{written->first} + value.target + value.path;
}

} // namespace troupe::host
