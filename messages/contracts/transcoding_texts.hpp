#pragma once

#include <string>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace google::protobuf {
class FieldDescriptor;
class Message;
} // namespace google::protobuf

namespace troupe::contracts {

/// The texts of the values of a leaf field, as `set_field` reads them: one, or each of a repeated field. Fails with
/// `invalid` for a well-known value that JSON cannot say, such as a time outside the years 1 to 9999.
expected<std::vector<std::string>> field_texts(const google::protobuf::Message& message,
                                               const google::protobuf::FieldDescriptor& field);

} // namespace troupe::contracts
