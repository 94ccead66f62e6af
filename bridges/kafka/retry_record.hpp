#pragma once

#include <cstdint>
#include <string>

#include <troupe/messages/values/dead_letter.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// What stands in a topic of retries: a delivery that waits there for its next attempt, with the headers of a dead letter
/// and three of its own.
struct retry_record {
  dead_letter what;       ///< the message, where it came from first, and what is known of its failures
  std::string group;      ///< who wants it again; it is nothing to other groups
  std::uint32_t answered; ///< those of its attempts that had an answer
  timestamp due;          ///< not to be handed out before

  friend bool operator==(const retry_record&, const retry_record&) = default;
};

/// The message's own headers and those that make it a retry.
header_list retry_headers(const retry_record& what);

/// Reads them back; the content keeps only its own headers. Fails with `undecodable` for what is no retry.
expected<retry_record> retry_from_headers(message content);

} // namespace troupe::kafka
