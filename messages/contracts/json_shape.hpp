#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace google::protobuf {
class Descriptor;
class Message;
} // namespace google::protobuf

// What protobuf's own parser and printer do not ask of JSON, though its mapping does
// (https://protobuf.dev/programming-guides/json).

namespace troupe::contracts {

/// Whether a JSON text has the shape of a message of that type: a list for a repeated field and for no other, no `null` in
/// it, no text for a bool and no object for a time. The parser drops, flattens or rounds what has another. Fails with
/// `invalid`, and names the field. The result: where the quotes stand of integers such as "1e2", which the parser reads only
/// without them.
expected<std::vector<std::size_t>> check_shape(std::string_view json, const google::protobuf::Descriptor& type);

/// Whether every Timestamp and Duration in a message is one that JSON has. The parser does not look behind an offset, and
/// the printer fails, or writes another time.
bool has_valid_times(const google::protobuf::Message& message);

} // namespace troupe::contracts
