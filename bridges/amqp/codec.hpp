#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/amqp/retry_note.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::amqp {

/// One header of a message, as it stands in the library's memory. Numbers and truth values are told as text.
struct header_view {
  std::string_view name;
  std::string_view value;
};

/// What stands beside a message's bytes, as it stands in the library's memory.
struct properties_view {
  std::string_view content_type;
  std::string_view message_id;
  std::vector<header_view> headers;
};

/// A message as it came, and how often it was delivered before.
struct received {
  message content;
  std::optional<retry_note> note;   ///< of the retries that went through a delay queue
  std::string died_in;              ///< the queue from which a broker moved it first, if one did
  std::string died_of;              ///< and why: `expired`, `delivery_limit`, ...
  std::uint32_t delivery_count = 0; ///< before this time, as a quorum queue counts: with every return, whatever its reason
};

/// As what a message is published.
enum class publication : std::uint8_t {
  onward, ///< as the author's own: what was set aside is as it came to its queue
  aside,  ///< to wait, as a dead letter or for a retry: what a broker would act on meanwhile is kept in `aside_header`
  again,  ///< a copy for the queue from which it came
};

/// The name of the header, a table, that keeps what a message that waits cannot have in its place.
inline constexpr std::string_view aside_header = "troupe-aside";

/// Whether brokers write a header of that name into what they move or deliver; of these, those that count deliveries.
bool is_by_brokers(std::string_view name) noexcept;
bool is_count_of_deliveries(std::string_view name) noexcept;

/// The name of the header that carries a message's key.
inline constexpr std::string_view key_header = "message-key";

/// The message, without its payload. Every message is one: what has no `message-id` has an empty id.
received decode(const properties_view& properties);

/// The headers of a message that carries `what`: the author's own, its key and its trace.
header_list encode_headers(const message& what);

/// Whether the protocol can carry it: `rejected` where a name, an id or a media type is longer than 255 bytes, or all of
/// what stands beside the payload is longer than `most_bytes`.
expected<void> check_encodable(const message& what, const header_list& headers, std::size_t most_bytes);

} // namespace troupe::amqp
