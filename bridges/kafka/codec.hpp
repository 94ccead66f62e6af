#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/message.hpp>

namespace troupe::kafka {

/// A header of a record.
struct field_view {
  std::string_view name;
  std::optional<std::string_view> value; ///< none: null
};

/// A record, as it stands in librdkafka's memory.
struct record_view {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload; ///< none: null
  std::vector<field_view> headers;
  std::optional<std::int64_t> time{}; ///< its own timestamp, in milliseconds since 1970, where it has one
};

/// The name of the header that tells a payload's media type.
inline constexpr std::string_view content_type_header = "content-type";

/// The message in a record. Every record is one: what has none of our headers has no content type, a trace of its own only
/// where its headers tell one, and the id that `id_of` gives. What a message cannot say of it is in its wire form.
message decode(std::string_view topic, const record_view& record);

/// Who takes headers one by one. What a view shows it does not show for longer than the call.
using field_taker = std::function<void(const field_view&)>;

/// Tells the headers of a record that carries `what`: as they were read where they were, and nobody has changed them, behind
/// them its id where they tell none, and what was added to the message's own. Else the author's own, its identity, its media
/// type and its trace.
void tell_headers(const message& what, const field_taker& to);

/// The same as a list, in which null is empty.
header_list encode_headers(const message& what);

/// The value of a record that carries `what`; none: null.
std::optional<std::string_view> value_of(const message& what) noexcept;

/// The id of a record that was published without one: `TOPIC-PARTITION-OFFSET@TIME`, such as
/// `orders-0-17@1764331464000`, with the record's own timestamp in milliseconds: a topic that is deleted and made again has
/// other messages. Without `@TIME` where a record has no timestamp.
std::string id_of(std::string_view topic, const record_view& record);

} // namespace troupe::kafka
