#include <troupe/bridges/kafka/letter_number.hpp>

#include <charconv>
#include <limits>

namespace troupe::kafka {

namespace {

constexpr std::int64_t topic_count = most_letter_topics;
constexpr std::int64_t partition_count = most_letter_partitions;
constexpr std::int64_t last_offset = std::numeric_limits<std::int64_t>::max() / topic_count / partition_count - 1;

template <class Number>
bool read_all(std::string_view text, Number& into) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && into >= 0;
}

} // namespace

std::optional<std::int64_t> number_of(const letter_position& of) noexcept {
  if (of.topic >= most_letter_topics || of.partition < 0 || of.partition >= most_letter_partitions || of.offset < 0
      || of.offset > last_offset)
    return std::nullopt;
  return (of.offset * partition_count + of.partition) * topic_count + static_cast<std::int64_t>(of.topic) + 1;
}

std::optional<letter_position> letter_position_of(std::int64_t number) noexcept {
  if (number <= 0)
    return std::nullopt;
  const auto index = number - 1;
  if (index / topic_count / partition_count > last_offset)
    return std::nullopt;
  return letter_position{static_cast<std::size_t>(index % topic_count),
                         static_cast<std::int32_t>(index / topic_count % partition_count),
                         index / topic_count / partition_count};
}

std::string redriven_text(const letter_position& of) {
  return std::to_string(of.partition) + ':' + std::to_string(of.offset);
}

std::optional<letter_position> parse_redriven(std::string_view text) noexcept {
  letter_position result;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !read_all(text.substr(0, colon), result.partition)
      || !read_all(text.substr(colon + 1), result.offset))
    return std::nullopt;
  return result;
}

} // namespace troupe::kafka
