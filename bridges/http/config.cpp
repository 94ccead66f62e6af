#include <troupe/bridges/http/config.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <troupe/messages/values/web_origin.hpp>

namespace troupe::http {

namespace {

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

std::vector<std::string> mistakes_of(const endpoint& listen, const limits& bounds, const timeouts& patience,
                                     duration deadline) {
  auto mistakes = settings::mistakes_of(bounds);
  for (auto& each : settings::mistakes_of(patience))
    mistakes.push_back(std::move(each));
  check(mistakes, !listen.address.empty(), "the address to listen on is empty");
  check(mistakes, bounds.reserved > 0, "no connection is reserved");
  check(mistakes, bounds.pipelined > 0, "the bound of pipelined answers is 0");
  check(mistakes, bounds.untaken_bytes > 0, "the bound of answers that are not taken is 0");
  check(mistakes, bounds.subscribers > 0, "the bound of subscribers is 0");
  const std::array spans{patience.linger, patience.heartbeat, patience.poll, patience.reread, patience.reserved, deadline};
  const auto usable = [](duration span) { return span > duration::zero() && span <= std::chrono::hours{24}; };
  check(mistakes, std::ranges::all_of(spans, usable), "a timeout is not between 1 ns and 24 h");
  return mistakes;
}

} // namespace

std::vector<std::string> validate(const edge_config& config) {
  auto mistakes = mistakes_of(config.listen, config.bounds, config.patience, config.deadline);
  check(mistakes, config.threads >= 1 && config.threads <= 64, "the number of I/O threads is not between 1 and 64");
  for (const auto& origin : config.allowed_origins)
    if (!is_listable_origin(origin))
      mistakes.push_back("the allowed origin '" + origin + "' is sent by no browser; "
                         + origin_as_sent(origin).value_or("https://example.com") + " could be");
  return mistakes;
}

std::vector<std::string> validate(const administration_config& config) {
  auto mistakes = mistakes_of(config.listen, config.bounds, config.patience, config.deadline);
  check(mistakes, is_loopback(config.listen.address) || !config.token.empty(),
        "administration listens on " + config.listen.address + ", which others may reach, and so needs a token");
  return mistakes;
}

} // namespace troupe::http
