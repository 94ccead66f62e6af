#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::kafka {

/// The metadata that Kafka keeps beside a committed offset.
struct commit_note {
  /// Above every offset that may have been handed out; none: nothing beyond the committed offset was. A member that finds it
  /// follows one that ended without a drain.
  std::optional<std::int64_t> reach;
  std::vector<policies::attempted> attempts; ///< of unsettled deliveries, by rising offset

  friend bool operator==(const commit_note&, const commit_note&) = default;
};

/// Where a group stands in a partition, as Kafka keeps it.
struct position {
  std::optional<std::int64_t> committed; ///< none: the group has never committed here
  commit_note note;
};

/// The commit of one partition.
struct commit_entry {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  commit_note note;

  friend bool operator==(const commit_entry&, const commit_entry&) = default;
};

/// The longest text that a broker takes by default (`offset.metadata.max.bytes`).
inline constexpr std::size_t longest_note = 4096;

/// The note as text, for a commit of `offset`, such as `troupe1 reach=+12 attempts=+0:2/1,+7:1/0`: offsets count from the
/// committed one. Attempts beyond the longest text are left out from the end.
std::string encode(const commit_note& note, std::int64_t offset);

/// Reads a note. An empty text is an empty note. Fails with `undecodable` for any other text, such as another client's.
expected<commit_note> decode_note(std::string_view text, std::int64_t offset);

} // namespace troupe::kafka
