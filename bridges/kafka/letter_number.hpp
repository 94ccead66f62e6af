#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::kafka {

/// Where a dead letter stands: in which of the topics, and where there.
struct letter_place {
  std::size_t topic = 0; ///< its position among the topics
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  friend auto operator<=>(const letter_place&, const letter_place&) = default;
};

inline constexpr std::size_t most_letter_topics = 256;
inline constexpr std::int32_t most_letter_partitions = 4096;

/// The number of a dead letter, above zero: a later one of a partition has a higher one. Nothing for a place beyond the
/// bounds above.
std::optional<std::int64_t> number_of(const letter_place& where) noexcept;

/// The place behind a number; nothing for what is none.
std::optional<letter_place> place_of(std::int64_t number) noexcept;

/// The name of the header by which a record of a dead-letter topic says that another one was sent back.
inline constexpr std::string_view redriven_header = "dead-letter-redriven";

/// That header's value, `PARTITION:OFFSET`, and back. The topic is not told: it is the record's own.
std::string redriven_text(const letter_place& where);
std::optional<letter_place> parse_redriven(std::string_view text) noexcept;

} // namespace troupe::kafka
