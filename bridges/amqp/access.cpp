#include <troupe/bridges/amqp/access.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace troupe::amqp {

namespace {

constexpr std::uint16_t plain_port = 5672;
constexpr std::uint16_t tls_port = 5671;
constexpr int decimal = 10;
constexpr int hexadecimal = 16;

failure bad(const char* reason) {
  return {errc::invalid, std::string{"an AMQP URL is amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][,...][/VHOST]: "} + reason};
}

template <class Number>
bool read_all(std::string_view text, Number& into, int base) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into, base);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result.push_back(text[at]);
      continue;
    }
    std::uint8_t byte = 0;
    if (text.size() - at < 3 || !read_all(text.substr(at + 1, 2), byte, hexadecimal))
      return std::nullopt;
    result.push_back(static_cast<char>(byte));
    at += 2;
  }
  return result;
}

expected<void> read_user(std::string_view text, credentials& into) {
  const auto colon = text.find(':');
  auto name = decode_percent(text.substr(0, colon));
  auto password = decode_percent(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
  if (!name || !password)
    return bad("a percent sign in the user or the password is not followed by two hexadecimal digits");
  if ((*name + *password).find('\0') != std::string::npos)
    return bad("the user or the password contains a zero byte");
  into = {std::move(*name), secret{std::move(*password)}};
  return {};
}

/// The end of the host in `HOST[:PORT]`, or nothing if a bracket is not closed.
std::optional<std::size_t> end_of_host(std::string_view text) {
  if (!text.starts_with('['))
    return std::min(text.find(':'), text.size());
  const auto end = text.find(']');
  if (end == std::string_view::npos)
    return std::nullopt;
  return end + 1;
}

expected<address> read_host(std::string_view text, std::uint16_t port) {
  const auto end = end_of_host(text);
  if (!end)
    return bad("a bracket around a host is not closed");
  auto name = text.substr(0, *end);
  if (name.starts_with('['))
    name = name.substr(1, name.size() - 2);
  auto host = decode_percent(name);
  if (!host || host->empty() || host->find('\0') != std::string::npos)
    return bad("a host is missing or not well formed");
  const auto rest = text.substr(*end);
  if (!rest.empty() && (rest.front() != ':' || !read_all(rest.substr(1), port, decimal) || port == 0))
    return bad("a port is not a number between 1 and 65535");
  return address{std::move(*host), port};
}

expected<std::vector<address>> read_hosts(std::string_view text, std::uint16_t port) {
  std::vector<address> hosts;
  for (;;) {
    const auto comma = text.find(',');
    auto one = read_host(text.substr(0, comma), port);
    if (one.has_error())
      return one.error();
    hosts.push_back(std::move(*one));
    if (comma == std::string_view::npos)
      return hosts;
    text.remove_prefix(comma + 1);
  }
}

} // namespace

access_source always(access where) {
  return [where = std::move(where)](freshness) -> expected<access> { return where; };
}

expected<access> parse_url(const secret& text) {
  std::string_view rest = text.reveal();
  access result;
  if (rest.starts_with("amqps://"))
    result.how = encryption::tls;
  else if (!rest.starts_with("amqp://"))
    return bad("it begins with neither amqp:// nor amqps://");
  rest.remove_prefix(rest.find("//") + 2);
  if (rest.find_first_of("?#") != std::string_view::npos)
    return bad("a query or a fragment is not allowed; percent-encode '?' and '#'");
  const auto slash = rest.find('/');
  const auto authority = rest.substr(0, slash);
  const auto at = authority.rfind('@');
  result.login = {"guest", secret{"guest"}};
  if (at != std::string_view::npos)
    if (auto read = read_user(authority.substr(0, at), result.login); read.has_error())
      return read.error();
  auto hosts = read_hosts(at == std::string_view::npos ? authority : authority.substr(at + 1),
                          result.how == encryption::tls ? tls_port : plain_port);
  if (hosts.has_error())
    return hosts.error();
  result.hosts = std::move(*hosts);
  if (slash == std::string_view::npos || slash + 1 == rest.size())
    return result; // the default virtual host, as in most clients
  auto vhost = decode_percent(rest.substr(slash + 1));
  if (!vhost || rest.find('/', slash + 1) != std::string_view::npos || vhost->find('\0') != std::string::npos)
    return bad("the virtual host is not well formed; a slash in it is %2F");
  result.virtual_host = std::move(*vhost);
  return result;
}

} // namespace troupe::amqp
