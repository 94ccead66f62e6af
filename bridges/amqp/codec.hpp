#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/message.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::amqp {

/// What a delivery carries through a delay queue, because the broker counts from 0 again there.
struct retry_note {
  policies::attempt_count count;
  timestamp first_failure;

  friend bool operator==(const retry_note&, const retry_note&) = default;
};

/// The name of the header that carries the note.
inline constexpr std::string_view retry_header = "troupe-retry";

/// The value of that header, `ATTEMPTS:ANSWERED:TIME`, and its reader, which returns nothing for any other text.
std::string to_text(const retry_note& note);
std::optional<retry_note> parse_retry_note(std::string_view text);

/// The name of the header that carries the order of the author's headers: a table of the protocol has no order, and brokers
/// sort it by name when they write into it.
inline constexpr std::string_view order_header = "header-order";

/// The value of that header: for each header in the order of the names, its position, such as `1,0`. Empty if they are
/// sorted.
std::string order_text(const header_list& headers);

/// Restores the order of headers that a broker has sorted. Headers that are not sorted, or that do not match `text`, stay as
/// they are.
void restore_order(std::string_view text, header_list& headers);

/// One header of a message, in the library's memory. Numbers and booleans are text.
struct header_view {
  std::string_view name;
  std::string_view value;
};

/// What accompanies a message's payload, in the library's memory.
struct properties_view {
  std::string_view content_type;
  std::string_view message_id;
  std::vector<header_view> headers;
  std::optional<std::int64_t> time{}; ///< the `timestamp` property, in seconds since 1970
};

/// A message as it was received, with its past deliveries.
struct received {
  message content;
  std::optional<retry_note> note;   ///< if it went through a delay queue
  std::string died_in;              ///< the first queue from which a broker moved it, if any
  std::string died_of;              ///< the reason: `expired`, `delivery_limit`, ...
  std::uint32_t delivery_count = 0; ///< as a quorum queue counts earlier deliveries: every return, whatever its reason
};

/// The purpose for which a message is published.
enum class publication : std::uint8_t {
  onward, ///< the author's message: one that was set aside gets the properties back with which it came to its queue
  aside,  ///< to wait as a dead letter or for a retry: what a broker would act on meanwhile is kept in `aside_header`
  again,  ///< a copy for the queue from which it came
};

/// The name of the header, a table, that keeps those properties of a message that it must not have while it waits.
inline constexpr std::string_view aside_header = "troupe-aside";

/// Whether brokers write a header of that name when they move or deliver a message; the second: to count deliveries.
bool is_by_brokers(std::string_view name) noexcept;
bool is_count_of_deliveries(std::string_view name) noexcept;

/// The name of the header that carries a message's key.
inline constexpr std::string_view key_header = "message-key";

/// Decodes a message without its payload. Every message is valid: without a `message-id` its id is empty.
received decode(const properties_view& properties);

/// The headers that carry a message: the author's, its key and its trace.
header_list encode_headers(const message& content);

/// Fails with `rejected` if the protocol cannot carry the message: a name, an id or a media type is longer than 255 bytes,
/// or all that accompanies the payload is longer than `most_bytes`.
expected<void> check_encodable(const message& content, const header_list& headers, std::size_t most_bytes);

} // namespace troupe::amqp
