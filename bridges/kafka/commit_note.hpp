#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::kafka {

/// What is written beside a committed offset, in the metadata that Kafka keeps with it.
struct commit_note {
  /// Above every offset that may have been handed out; none: nothing beyond the committed offset was. Who finds it there has
  /// come after an end without a drain.
  std::optional<std::int64_t> reach;
  std::vector<policies::attempted> attempts; ///< of unsettled deliveries, by rising offset

  friend bool operator==(const commit_note&, const commit_note&) = default;
};

/// The longest text that a broker takes by default (`offset.metadata.max.bytes`).
inline constexpr std::size_t longest_note = 4096;

/// The note as text, for a commit of `position`, such as `troupe1 reach=+12 attempts=+0:2/1,+7:1/0`: offsets count from the
/// committed one. Attempts beyond the longest text are left out from the end.
std::string encode(const commit_note& what, std::int64_t position);

/// Reads it. An empty text is an empty note. Fails with `undecodable` for what is no note of ours, such as another client's.
expected<commit_note> decode_note(std::string_view text, std::int64_t position);

} // namespace troupe::kafka
