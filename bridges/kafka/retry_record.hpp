#pragma once

#include <cstdint>
#include <string>

#include <troupe/messages/values/dead_letter.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// A record of a topic of retries: a delivery that waits for its next attempt, with the headers of a dead letter and three
/// more.
struct retry_record {
  dead_letter letter;     ///< the message, its first origin, and its failures
  std::string group;      ///< the consumer group that retries it; other groups pass it by
  std::uint32_t answered; ///< the attempts that had an answer
  timestamp due;          ///< not to be handed out earlier

  friend bool operator==(const retry_record&, const retry_record&) = default;
};

/// The message's own headers and those that make it a retry.
header_list retry_headers(const retry_record& from);

/// Reads them back; the content keeps only its own headers. Fails with `undecodable` for a message that is not a retry.
expected<retry_record> retry_from_headers(message content);

} // namespace troupe::kafka
