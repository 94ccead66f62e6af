#include <troupe/messages/values/deadline.hpp>

#include <array>
#include <charconv>
#include <cstdint>

namespace troupe {

namespace {

struct unit {
  char letter;
  std::int64_t nanoseconds;
};

// From the finest: the first in which a span has eight digits is the most exact.
constexpr std::array<unit, 6> units{{
  {'n', 1},
  {'u', 1'000},
  {'m', 1'000'000},
  {'S', 1'000'000'000},
  {'M', 60'000'000'000},
  {'H', 3'600'000'000'000},
}};

constexpr std::int64_t most_digits = 8;
constexpr std::int64_t most = 99'999'999;

} // namespace

std::string to_grpc_timeout(duration remaining) {
  auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(remaining).count();
  if (count < 0)
    count = 0;
  for (const auto& each : units)
    if (count / each.nanoseconds <= most)
      return std::to_string(count / each.nanoseconds) + each.letter;
  return std::to_string(most) + 'H';
}

expected<duration> parse_grpc_timeout(std::string_view text) {
  if (text.empty())
    return failure{errc::undecodable, "grpc-timeout: expected digits and a unit, found nothing"};
  const auto digits = text.substr(0, text.size() - 1);
  if (digits.empty() || digits.size() > most_digits)
    return failure{errc::undecodable, "grpc-timeout: expected 1 to 8 digits before the unit, found "
                                        + std::to_string(digits.size()) + " characters"};
  std::int64_t count = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] < '0' || digits[i] > '9')
      return failure{errc::undecodable, "grpc-timeout, character " + std::to_string(i + 1) + ": expected a digit"};
    count = count * 10 + (digits[i] - '0');
  }
  for (const auto& each : units)
    if (each.letter == text.back()) {
      // A span longer than this clock can hold (292 years) becomes the longest span of the wire form.
      const auto limit = std::chrono::floor<std::chrono::hours>(duration::max());
      const auto span = count > std::chrono::nanoseconds{limit}.count() / each.nanoseconds
                          ? std::chrono::nanoseconds{limit}
                          : std::chrono::nanoseconds{count * each.nanoseconds};
      return std::chrono::duration_cast<duration>(span);
    }
  return failure{errc::undecodable,
                 "grpc-timeout, character " + std::to_string(text.size()) + ": expected one of the units H, M, S, m, u, n"};
}

} // namespace troupe
