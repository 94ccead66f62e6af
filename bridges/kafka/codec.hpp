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

/// A view of a record in librdkafka's memory.
struct record_view {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload; ///< none: null
  std::vector<field_view> headers;
  std::optional<std::int64_t> time{}; ///< its timestamp, in milliseconds since 1970, if it has one
};

/// The name of the header with a payload's media type.
inline constexpr std::string_view content_type_header = "content-type";

/// The message in a record. Every record is a message: one without Troupe's headers has no content type, the trace of its
/// headers, if any, and the id of `id_of`. The parts of a record that a message has no member for are in its wire form.
message decode(std::string_view topic, const record_view& record);

/// Called with headers one by one. A view is valid during the call.
using field_visitor = std::function<void(const field_view&)>;

/// Visits the headers of a record that carries the message. If its headers were read from a record and are unchanged: these,
/// then its id if they have none, and the headers that were added. Otherwise its own headers, its id, its media type and its
/// trace.
void visit_headers(const message& content, const field_visitor& visit);

/// The value of a record that carries the message; none: null.
std::optional<std::string_view> value_of(const message& content) noexcept;

/// The id of a record that was published without one: `TOPIC-PARTITION-OFFSET@TIME`, such as
/// `orders-0-17@1764331464000`, with the record's timestamp in milliseconds, so that the messages of a topic that is deleted
/// and created again have other ids. Without `@TIME` where a record has no timestamp.
std::string id_of(std::string_view topic, const record_view& record);

} // namespace troupe::kafka
