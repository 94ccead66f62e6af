#pragma once

#include <string_view>

#include <troupe/messages/contracts/route_fields.hpp>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

/// Sets the leaf field at `path` in a message, or adds to it where it is repeated, from the text of a path variable or of a
/// query parameter: what JSON writes for it, without quotes (https://protobuf.dev/programming-guides/json/); an enum by name
/// or number. Fails with `invalid`, for another member of a oneof that is set too: "is no int32: abc".
expected<void> set_field(google::protobuf::Message& message, const field_path& path, std::string_view text);

} // namespace troupe::contracts
