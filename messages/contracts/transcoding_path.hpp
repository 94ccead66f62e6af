#pragma once

#include <string>

#include <troupe/messages/contracts/route.hpp>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

/// Writes a path, percent-encoded, with the fields of a message in place of its variables. Fails with `invalid` and the name
/// of a variable that is empty where a segment must not be, that does not match its template, or would be a dot segment
/// (RFC 3986, section 5.2.4).
expected<std::string> encode_path(const message_path& path, const google::protobuf::Message& message);

} // namespace troupe::contracts
