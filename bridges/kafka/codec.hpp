#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/delivery.hpp>

namespace troupe::kafka {

/// A record, as it stands in librdkafka's memory.
struct record_view {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string_view> key;
  std::string_view payload;
  std::vector<header_view> headers;
};

/// The name of the header that tells a payload's media type.
inline constexpr std::string_view content_type_header = "content-type";

/// The message in a record. Every record is one: what has none of our headers has no content type, a trace of its own only
/// where its headers tell one, and the id `topic-partition-offset`.
message decode(std::string_view topic, const record_view& record);

/// Tells the headers of a record that carries `what`: the author's own, its identity, its media type and its trace.
void tell_headers(const message& what, const header_taker& to);

/// The same as a list of its own.
header_list encode_headers(const message& what);

/// The id of a record that was published without one.
std::string id_of(std::string_view topic, std::int32_t partition, std::int64_t offset);

} // namespace troupe::kafka
