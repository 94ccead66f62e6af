#include <troupe/messages/contracts/http_body.hpp>

#include <algorithm>

#include <google/api/httpbody.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace troupe::contracts {

namespace {

using google::api::HttpBody;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// By name, since a descriptor of a compiler's file is another one than that of the linked type.
bool is_http_body(const google::protobuf::Descriptor* type) noexcept {
  return type != nullptr && type->full_name() == HttpBody::descriptor()->full_name();
}

bool is_http_body(const FieldDescriptor& field) noexcept {
  return !field.is_repeated() && is_http_body(field.message_type());
}

failure no_header_carries() {
  return {errc::invalid, "the content_type of the body is not visible ASCII"};
}

} // namespace

bool takes_any_body(const rest_route& route) noexcept {
  return route.body == body_content::field ? is_http_body(*route.body_field)
                                           : route.body == body_content::all && is_http_body(route.method->input_type());
}

bool answers_any_body(const rest_route& route) noexcept {
  return route.response_body != nullptr ? is_http_body(*route.response_body) : is_http_body(route.method->output_type());
}

expected<const HttpBody*> http_body_in(const Message& message, const FieldDescriptor* field) {
  const auto& holder = field == nullptr ? message : message.GetReflection()->GetMessage(message, field);
  const auto* const body = google::protobuf::DynamicCastToGenerated<HttpBody>(&holder);
  if (body == nullptr)
    return failure{errc::internal, "the body is of a type that is made at run time"};
  if (!is_header_text(body->content_type()))
    return no_header_carries();
  return body;
}

std::string_view content_type_of(const HttpBody& body) noexcept {
  if (body.content_type().empty() && !body.data().empty())
    return "application/octet-stream"; // RFC 9110, section 8.3
  return body.content_type();
}

expected<void> set_http_body(Message& message, const FieldDescriptor* field, const body_view& received) {
  if (!is_header_text(received.content_type))
    return no_header_carries();
  if (field != nullptr && received.bytes.empty() && received.content_type.empty())
    return {};
  auto& holder = field == nullptr ? message : *message.GetReflection()->MutableMessage(&message, field);
  auto* const body = google::protobuf::DynamicCastToGenerated<HttpBody>(&holder);
  if (body == nullptr)
    return failure{errc::internal, "the body is of a type that is made at run time"};
  body->set_content_type(std::string{received.content_type});
  body->set_data(received.bytes.data(), received.bytes.size());
  return {};
}

bool is_header_text(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace troupe::contracts
