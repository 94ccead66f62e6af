#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Why a message was set aside. Travels as headers beside the unchanged bytes.
struct dead_letter {
  message content;
  origin from;
  failure why;
  std::uint32_t attempts = 0;
  timestamp first_failure;
  timestamp last_failure;
  std::string service; ///< the consumer that gave up

  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};

/// The headers that say why a message was set aside, on transports that have only headers.
namespace header_name {
inline constexpr std::string_view reason = "dead-letter-reason";
inline constexpr std::string_view error_code = "dead-letter-error";
inline constexpr std::string_view origin_source = "dead-letter-source";
inline constexpr std::string_view origin_partition = "dead-letter-partition";
inline constexpr std::string_view origin_offset = "dead-letter-offset";
inline constexpr std::string_view attempts = "dead-letter-attempts";
inline constexpr std::string_view first_failure = "dead-letter-first-failure";
inline constexpr std::string_view last_failure = "dead-letter-last-failure";
inline constexpr std::string_view service = "dead-letter-service";
} // namespace header_name

/// The message's own headers and those that say why it was set aside.
header_list dead_letter_headers(const dead_letter& letter);

/// Reads them back; `letter.content` keeps only its own headers, in its wire form too. Fails with `undecodable` where a fact
/// is missing.
expected<dead_letter> dead_letter_from_headers(message content);

} // namespace troupe
