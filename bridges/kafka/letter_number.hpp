#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::kafka {

/// The position of a dead letter: its topic, and its position there.
struct letter_position {
  std::size_t topic = 0; ///< the index of the topic
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  friend auto operator<=>(const letter_position&, const letter_position&) = default;
};

inline constexpr std::size_t most_letter_topics = 256;
inline constexpr std::int32_t most_letter_partitions = 4096;

/// The number of a dead letter, above zero: a later one of a partition has a higher number. None for a position beyond the
/// bounds above.
std::optional<std::int64_t> number_of(const letter_position& of) noexcept;

/// The position of a number; none for a number that `number_of` does not return.
std::optional<letter_position> letter_position_of(std::int64_t number) noexcept;

/// The header by which a record of a dead-letter topic marks another one as sent back.
inline constexpr std::string_view redriven_header = "dead-letter-redriven";

/// The value of that header, `PARTITION:OFFSET`, and back. The topic is the record's own.
std::string redriven_text(const letter_position& of);
std::optional<letter_position> parse_redriven(std::string_view text) noexcept;

} // namespace troupe::kafka
