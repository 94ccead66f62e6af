#pragma once

#include <map>
#include <set>
#include <string>

#include <boost/json/object.hpp>

#include <troupe/messages/contracts/route_source.hpp>

namespace troupe::contracts {

/// The schemas of an OpenAPI document: those of messages and enums stand once, under `components`, and are referred to.
class openapi_schemas {
public:
  explicit openapi_schemas(const proto_source& source) : source_(source) {}

  /// The schema of a message's JSON: a reference, or of a well-known type the schema itself.
  boost::json::object of_message(const google::protobuf::Descriptor& message);

  /// The schema of a field's JSON, also of repeated fields and maps.
  boost::json::object of_field(const google::protobuf::FieldDescriptor& field);

  /// The same of one element, without the field's comment.
  boost::json::object of_element(const google::protobuf::FieldDescriptor& field);

  /// The schema of a message without some of its fields, itself.
  boost::json::object of_fields(const google::protobuf::Descriptor& message,
                                const std::set<const google::protobuf::FieldDescriptor*>& without);

  /// What stands under `components/schemas`: all that was referred to.
  boost::json::object take() && { return std::move(schemas_); }

private:
  boost::json::object of_enum(const google::protobuf::EnumDescriptor& type);

  /// The name of a message or enum, and whether it is new.
  template <class T>
  std::pair<std::string, bool> name_of(const T& declared);

  const proto_source& source_;
  boost::json::object schemas_;
  std::map<std::string, std::string> names_; // by the full name in protobuf
};

/// A schema with a description, which a reference can only have beside it. An empty description adds nothing.
boost::json::object described(boost::json::object schema, const std::string& description);

} // namespace troupe::contracts
