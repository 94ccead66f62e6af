#pragma once

#include <string>
#include <string_view>

#include <troupe/messages/contracts/route.hpp>

namespace google::api {
class HttpBody;
} // namespace google::api
namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

// google.api.HttpBody (google/api/httpbody.proto) where it is the body of a request or of an answer: its bytes are sent as
// they are, under its own media type, in place of JSON. Elsewhere it is a message like others.

/// A body that was received. An empty media type is none.
struct body_view {
  std::string_view bytes;
  std::string_view content_type = {};
};

/// Whether the body of a route's requests is an HttpBody: the request itself, or the field that `body` names.
bool takes_any_body(const rest_route& route) noexcept;

/// Whether the body of its answers is one: the answer itself, or the field that `response_body` names.
bool answers_any_body(const rest_route& route) noexcept;

/// The HttpBody that a message is, or has in a field, to be sent. Fails with `invalid` for a media type that no header
/// carries: one with a line break, or that is no visible ASCII.
expected<const google::api::HttpBody*> http_body_in(const google::protobuf::Message& message,
                                                    const google::protobuf::FieldDescriptor* field);

/// Its media type: `application/octet-stream` for bytes that have none, and none without bytes.
std::string_view content_type_of(const google::api::HttpBody& body) noexcept;

/// Sets the HttpBody that a message is, or has in a field, to what was received; a field stays unset where that is neither
/// bytes nor a media type. Fails with `invalid` for a media type that is no visible ASCII: a text of protobuf holds no
/// others.
expected<void> set_http_body(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                             const body_view& received);

/// Whether a text is visible ASCII and spaces, so that a header can carry it.
bool is_header_text(std::string_view text) noexcept;

} // namespace troupe::contracts
