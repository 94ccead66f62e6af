#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/bridges/sqlite/statement.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::embedded {

/// Headers as text: for each its name and its value, each as its length in decimal, a colon and its bytes. No headers are an
/// empty text.
std::string encode_headers(const header_list& headers);
expected<header_list> decode_headers(std::string_view text);

/// A trace context as text: ids and parent in hexadecimal, a digit for the sampling decision, then the unread parts as in
/// `encode_headers`. An empty context is an empty text.
std::string encode_trace(const trace_context& context);
expected<trace_context> decode_trace(std::string_view text);

/// The columns of a message wherever one is selected, in the order that `decode` expects them in.
#define TROUPE_EMBEDDED_MESSAGE_COLUMNS "id, key, content_type, headers, trace, payload"

/// The message in the columns from `first` on. Fails with `undecodable` where the headers or the trace are damaged.
expected<message> decode(const sqlite::row& from, int first);

/// The id of a message that was published without one.
std::string id_of(const origin& from);

/// How many bytes a message counts for in retention and read-ahead.
std::int64_t weight_of(const message& content) noexcept;

/// The same of a stored message, computed by SQLite.
#define TROUPE_EMBEDDED_WEIGHT                                                                                              \
  "(length(CAST(id AS BLOB)) + ifnull(length(key), 0) + length(CAST(content_type AS BLOB)) + length(headers) "              \
  "+ length(payload) + 64)"

} // namespace troupe::embedded
