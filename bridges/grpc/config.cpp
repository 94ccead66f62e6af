#include <troupe/bridges/grpc/config.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace troupe::grpc {

namespace {

constexpr std::string_view by_dns = "dns:///";

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

bool usable(duration span) noexcept {
  return span >= std::chrono::milliseconds{1} && span <= std::chrono::hours{24};
}

bool usable_refresh(duration span) noexcept {
  return span >= std::chrono::seconds{1} && span <= std::chrono::hours{24};
}

bool usable_size(std::size_t bytes) noexcept {
  return bytes > 0 && bytes <= 1024 * mebibyte;
}

bool is_port(std::string_view text) noexcept {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port >= 1 && port <= 65535;
}

bool is_host(std::string_view text) noexcept {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    return std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
      return c == ':' || c == '.' || c == '%' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '.' || c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

} // namespace

std::string_view to_string(package contract) noexcept {
  return contract == package::greeting ? "greeting" : "greeting.v3";
}

std::vector<std::string> validate(const server_config& config) {
  std::vector<std::string> mistakes;
  check(mistakes, !config.listen.address.empty(), "the address to listen on is empty");
  check(mistakes, config.in_flight > 0, "the bound of calls in flight is 0");
  check(mistakes, config.connections > 0, "the bound of connections is 0");
  check(mistakes, usable_size(config.receive_bytes), "the size limit of a request is not between 1 byte and 1 GiB");
  const std::array spans{config.deadline,
                         config.least_ping_interval,
                         config.keepalive,
                         config.keepalive_timeout,
                         config.connection_age.value_or(config.deadline),
                         config.connection_age_grace,
                         config.handshake};
  check(mistakes, std::all_of(spans.begin(), spans.end(), usable), "a time of the server is not between 1 ms and 24 h");
  check(mistakes, usable_refresh(config.tls_refresh), "the time between looks at the TLS files is not between 1 s and 24 h");
  return mistakes;
}

std::vector<std::string> validate(const client_config& config) {
  std::vector<std::string> mistakes;
  if (const auto found = resolvable(config.target); !found)
    mistakes.push_back(found.error().reason);
  check(mistakes, config.in_flight > 0, "the bound of calls in flight is 0");
  check(mistakes, usable_size(config.receive_bytes), "the size limit of an answer is not between 1 byte and 1 GiB");
  const std::array spans{config.deadline,    config.keepalive,   config.keepalive_timeout,
                         config.backoff_min, config.backoff_max, config.names};
  check(mistakes, std::all_of(spans.begin(), spans.end(), usable), "a time of the client is not between 1 ms and 24 h");
  check(mistakes, config.backoff_min <= config.backoff_max, "the first backoff is longer than the longest");
  check(mistakes, usable_refresh(config.tls_refresh), "the time between looks at the TLS files is not between 1 s and 24 h");
  check(mistakes, config.tls || config.server_name.empty(), "a server's name is expected, but there is no TLS to prove it");
  return mistakes;
}

expected<std::string> resolvable(const std::string& target) {
  std::string_view rest{target};
  if (rest.substr(0, by_dns.size()) == by_dns)
    rest.remove_prefix(by_dns.size());
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || !is_host(rest.substr(0, colon)) || !is_port(rest.substr(colon + 1)))
    return failure{errc::invalid, "the target '" + target + "' is not like host:50051, [::1]:50051 or dns:///name:50051"};
  // Always with the scheme: a target then never looks like the address of a peer, by which `not_sent` is recognised.
  return std::string{by_dns}.append(rest);
}

} // namespace troupe::grpc
