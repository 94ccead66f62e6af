#include <troupe/bridges/kafka/letter_number.hpp>

#include <charconv>
#include <limits>

namespace troupe::kafka {

namespace {

constexpr std::int64_t topics = most_letter_topics;
constexpr std::int64_t partitions = most_letter_partitions;
constexpr std::int64_t last_offset = std::numeric_limits<std::int64_t>::max() / topics / partitions - 1;

template <class Number>
bool read_all(std::string_view text, Number& into) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && into >= 0;
}

} // namespace

std::optional<std::int64_t> number_of(const letter_place& where) noexcept {
  if (where.topic >= most_letter_topics || where.partition < 0 || where.partition >= most_letter_partitions
      || where.offset < 0 || where.offset > last_offset)
    return std::nullopt;
  return (where.offset * partitions + where.partition) * topics + static_cast<std::int64_t>(where.topic) + 1;
}

std::optional<letter_place> place_of(std::int64_t number) noexcept {
  if (number <= 0)
    return std::nullopt;
  const auto index = number - 1;
  if (index / topics / partitions > last_offset)
    return std::nullopt;
  return letter_place{static_cast<std::size_t>(index % topics), static_cast<std::int32_t>(index / topics % partitions),
                      index / topics / partitions};
}

std::string redriven_text(const letter_place& where) {
  return std::to_string(where.partition) + ':' + std::to_string(where.offset);
}

std::optional<letter_place> parse_redriven(std::string_view text) noexcept {
  letter_place result;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !read_all(text.substr(0, colon), result.partition)
      || !read_all(text.substr(colon + 1), result.offset))
    return std::nullopt;
  return result;
}

} // namespace troupe::kafka
