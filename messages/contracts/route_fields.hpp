#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
} // namespace google::protobuf

namespace troupe::contracts {

struct rest_route;

/// A field of a message, or of one within it: each field but the last is a message.
using field_path = std::vector<const google::protobuf::FieldDescriptor*>;

/// `book.name`, as the file names the fields.
std::string to_string(const field_path& path);

/// The field that `book.name` means, by the names of the file. Fails with `invalid` and the name that is not there, or that
/// is no single message and so has no fields.
expected<field_path> find_fields(const google::protobuf::Descriptor& message, std::string_view dotted);

/// Whether one text says the value of a field (of each element, where it is repeated): a number, a text, an enum, bytes, or
/// a well-known type whose JSON is a single value (https://protobuf.dev/programming-guides/json/).
bool is_leaf(const google::protobuf::FieldDescriptor& field) noexcept;

/// The most query parameters of a route: request messages that hold each other have ever longer names.
inline constexpr std::size_t most_query_parameters = 500;

/// The query parameters of a route: the leaf fields that neither path nor body holds, in the order of the file. Maps,
/// repeated messages and `google.protobuf.Any`, `Struct`, `Value` and `ListValue` are none. A message that holds itself is
/// entered once. Ends behind `most_query_parameters`, with one more.
std::vector<field_path> query_parameters(const rest_route& route);

/// The query parameter that a client names, by the names of the file or of JSON. Fails with `invalid` and the name.
expected<field_path> find_query_parameter(const rest_route& route, std::string_view dotted);

} // namespace troupe::contracts
