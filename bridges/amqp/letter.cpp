#include <troupe/bridges/amqp/letter.hpp>

#include <algorithm>
#include <chrono>
#include <ratio>
#include <string_view>
#include <utility>

namespace troupe::amqp {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days first_day{2020y / 1 / 1};
// Letters of one batch failed at the same time and differ in the remaining bits only: of a hundred, two have the same number
// once in three thousand times. 58 bits in all leave room for the index of the dead-letter reader.
using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 16>>;
constexpr unsigned when_bits = 34;
constexpr unsigned which_bits = 24;
constexpr unsigned timeless_bits = 40;

// FNV-1a, because a number must be the same in every process.
std::uint64_t digest(const dead_letter& letter) noexcept {
  std::uint64_t value = 14695981039346656037U;
  const auto add = [&value](std::string_view text) {
    for (const auto each : text) {
      value ^= static_cast<unsigned char>(each);
      value *= 1099511628211U;
    }
    value *= 1099511628211U; // separates two texts
  };
  add(letter.from.source);
  add(letter.content.id);
  add(letter.content.payload);
  return value ^ (value >> 32U);
}

std::uint64_t low_bits(std::uint64_t value, unsigned count) noexcept {
  return value & ((std::uint64_t{1} << count) - 1);
}

} // namespace

dead_letter letter_of(received arrived, const std::string& queue) {
  auto read = dead_letter_from_headers(arrived.content);
  if (read.has_value())
    return std::move(*read);
  dead_letter letter;
  letter.content = std::move(arrived.content);
  letter.from.source = arrived.died_in.empty() ? queue : arrived.died_in;
  letter.why = {errc::rejected,
                arrived.died_of.empty() ? "no reason is given" : "the broker set it aside: " + arrived.died_of};
  letter.attempts = arrived.delivery_count;
  return letter;
}

message shortened(message letter, shortening how) {
  constexpr std::size_t longest_reason = 64;
  if (how == shortening::of_all_facts) {
    auto read = dead_letter_from_headers(letter);
    return read.has_value() ? std::move(read->content) : std::move(letter);
  }
  const auto last = std::find_if(letter.headers.rbegin(), letter.headers.rend(),
                                 [](const header& each) { return same_header_name(each.name, header_name::reason); });
  if (last != letter.headers.rend() && last->value.size() > longest_reason)
    last->value.resize(longest_reason);
  return letter;
}

std::int64_t number_of(const dead_letter& letter) {
  const auto since = std::chrono::floor<ticks>(letter.last_failure - timestamp{first_day}).count();
  if (since <= 0)
    return static_cast<std::int64_t>(std::max<std::uint64_t>(low_bits(digest(letter), timeless_bits), 1));
  constexpr std::int64_t latest = (std::int64_t{1} << when_bits) - 1;
  const auto when = static_cast<std::uint64_t>(std::min<std::int64_t>(since, latest));
  return static_cast<std::int64_t>((when << which_bits) | low_bits(digest(letter), which_bits));
}

} // namespace troupe::amqp
