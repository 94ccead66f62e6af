#include <troupe/bridges/http/config.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

#include <troupe/messages/values/web_origin.hpp>

namespace troupe::http {

namespace {

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

std::vector<std::string> mistakes_of(const endpoint& listen, const limits& bounds, const timeouts& patience,
                                     duration deadline) {
  std::vector<std::string> mistakes;
  check(mistakes, !listen.address.empty(), "the address to listen on is empty");
  check(mistakes, bounds.header_bytes >= kibibyte && bounds.header_bytes <= mebibyte,
        "the header limit is not between 1 KiB and 1 MiB");
  check(mistakes, bounds.body_bytes <= 1024 * mebibyte, "the body limit is above 1 GiB");
  check(mistakes, bounds.connections > 0 && bounds.connections <= 1'000'000,
        "the connection bound is not between 1 and 1,000,000");
  check(mistakes, bounds.in_flight > 0, "the bound of requests in flight is 0");
  check(mistakes, bounds.reserved > 0, "no connection is reserved");
  check(mistakes, bounds.pipelined > 0, "the bound of pipelined answers is 0");
  check(mistakes, bounds.untaken_bytes > 0, "the bound of answers that are not taken is 0");
  check(mistakes, bounds.subscribers > 0, "the bound of subscribers is 0");
  const std::array spans{patience.header,    patience.body, patience.idle,     patience.write, patience.linger,
                         patience.heartbeat, patience.poll, patience.reserved, deadline};
  const auto usable = [](duration span) { return span > duration::zero() && span <= std::chrono::hours{24}; };
  check(mistakes, std::all_of(spans.begin(), spans.end(), usable), "a timeout is not between 1 ns and 24 h");
  return mistakes;
}

} // namespace

bool is_loopback(const std::string& address) {
  if (address == "localhost" || address == "::1")
    return true;
  const auto digits_and_dots = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  return address.rfind("127.", 0) == 0 && std::all_of(address.begin(), address.end(), digits_and_dots);
}

std::vector<std::string> edge_config::validate() const {
  auto mistakes = mistakes_of(listen, bounds, patience, deadline);
  check(mistakes, threads >= 1 && threads <= 64, "the number of I/O threads is not between 1 and 64");
  for (const auto& origin : allowed_origins)
    if (!is_listable_origin(origin))
      mistakes.push_back("the allowed origin '" + origin + "' is sent by no browser; "
                         + origin_as_sent(origin).value_or("https://example.com") + " could be");
  return mistakes;
}

std::vector<std::string> administration_config::validate() const {
  auto mistakes = mistakes_of(listen, bounds, patience, deadline);
  check(mistakes, is_loopback(listen.address) || !token.empty(),
        "administration listens on " + listen.address + ", which others may reach, and so needs a token");
  return mistakes;
}

} // namespace troupe::http
