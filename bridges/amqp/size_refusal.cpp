#include <troupe/bridges/amqp/size_refusal.hpp>

#include <charconv>
#include <string_view>
#include <utility>

namespace troupe::amqp {

std::optional<size_refusal> refusal_of_size(const failure& why) {
  constexpr std::string_view sign = " is larger than configured max size ";
  const auto at = why.reason.find(sign);
  if (why.code != errc::conflict || at == std::string::npos || why.reason.find("message size ") == std::string::npos)
    return std::nullopt;
  size_refusal told{0, why.reason};
  const auto* const number = why.reason.data() + at + sign.size();
  const auto read = std::from_chars(number, why.reason.data() + why.reason.size(), told.most);
  return read.ec == std::errc{} ? std::optional{std::move(told)} : std::nullopt;
}

} // namespace troupe::amqp
