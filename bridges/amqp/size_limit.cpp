#include <troupe/bridges/amqp/size_limit.hpp>

#include <charconv>
#include <chrono>
#include <string_view>

namespace troupe::amqp {

void size_limit::learn(const failure& why, instant now) {
  constexpr std::string_view sign = " is larger than configured max size ";
  const auto at = why.reason.find(sign);
  if (why.code != errc::conflict || at == std::string::npos || why.reason.find("message size ") == std::string::npos)
    return;
  std::size_t most = 0;
  const auto* const number = why.reason.data() + at + sign.size();
  if (std::from_chars(number, why.reason.data() + why.reason.size(), most).ec != std::errc{})
    return;
  refusal_ = failure{errc::rejected, why.reason};
  most_ = most;
  until_ = now + std::chrono::minutes{1};
}

std::optional<failure> size_limit::refusal(std::size_t bytes, instant now) const {
  return bytes > most_ && now < until_ ? refusal_ : std::nullopt;
}

} // namespace troupe::amqp
