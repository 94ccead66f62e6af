#include <troupe/bridges/http/client_target.hpp>

#include <algorithm>

#include <troupe/bridges/http/target.hpp>

namespace troupe::http {

namespace {

constexpr std::uint16_t default_port(client_target::scheme via) noexcept {
  return via == client_target::scheme::http ? 80 : 443;
}

failure invalid(std::string_view text, std::string_view reason) {
  return {errc::invalid, "'" + std::string{text} + "' is no target for HTTP: " + std::string{reason}};
}

expected<std::uint16_t> port_of(std::string_view authority, std::string_view host, std::uint16_t otherwise) {
  // After the host, and after the bracket that closes an IPv6 address.
  const auto end = static_cast<std::size_t>(host.data() - authority.data()) + host.size();
  const auto colon = authority.find(':', end);
  if (colon == std::string_view::npos)
    return otherwise;
  const auto port = parse_number(authority.substr(colon + 1), 65'535);
  if (!port || *port == 0)
    return failure{errc::invalid, "the port is a number from 1 to 65535"};
  return static_cast<std::uint16_t>(*port);
}

} // namespace

std::string client_target::authority() const {
  auto result = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != default_port(via))
    result += ':' + std::to_string(port);
  return result;
}

expected<client_target> parse_client_target(std::string_view text, std::string_view otherwise) {
  client_target result;
  const auto after_scheme = text.find("://");
  const auto scheme = text.substr(0, after_scheme);
  if (after_scheme == std::string_view::npos || (scheme != "http" && scheme != "https"))
    return invalid(text, "it begins with http:// or https://");
  if (scheme == "https")
    result.via = client_target::scheme::https;
  const auto split = split_target(text, method::get);
  if (!split)
    return invalid(text, split.error().reason);
  const auto host = host_of(split->authority);
  if (!host)
    return invalid(text, host.error().reason);
  const auto port = port_of(split->authority, *host, default_port(result.via));
  if (!port)
    return invalid(text, port.error().reason);
  result.host = *host;
  result.port = *port;
  result.path = split->path == "/" ? otherwise : split->path;
  if (!split->query.empty())
    result.path.append("?").append(split->query);
  return result;
}

} // namespace troupe::http
