#include <troupe/messages/contracts/openapi_schema.hpp>

#include <optional>

#include <boost/json/array.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace troupe::contracts {

namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

json::object reference_to(std::string_view schema) {
  return {{"$ref", std::string{"#/components/schemas/"}.append(schema)}};
}

/// As the JSON mapping writes a number, a text or bytes: 64-bit numbers are strings.
json::object of_scalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", "string"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "uint64"}};
    default:
      if (field.type() == FieldDescriptor::TYPE_BYTES)
        return {{"type", "string"}, {"format", "byte"}};
      return {{"type", "string"}};
  }
}

/// The schema of a message whose JSON is no object of its fields.
std::optional<json::object> of_well_known(const Descriptor& message) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return std::nullopt;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return json::object{{"type", "string"}, {"format", "date-time"}};
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return json::object{{"type", "string"}, {"pattern", R"(^-?[0-9]+(\.[0-9]{1,9})?s$)"}};
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return json::object{{"type", "string"}};
    case Descriptor::WELLKNOWNTYPE_ANY:
      return json::object{{"type", "object"},
                          {"required", {"@type"}},
                          {"properties", {{"@type", {{"type", "string"}}}}},
                          {"additionalProperties", true}};
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return json::object{{"type", "object"}, {"additionalProperties", true}};
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return json::object{{"nullable", true}};
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return json::object{{"type", "array"}, {"items", json::object{{"nullable", true}}}};
    default: { // a wrapper
      auto schema = of_scalar(*message.field(0));
      schema["nullable"] = true;
      return schema;
    }
  }
}

/// At most one member of a oneof: none, or one of them.
json::object at_most_one(const google::protobuf::OneofDescriptor& oneof) {
  json::array choices;
  json::array any;
  for (int number = 0; number < oneof.field_count(); ++number) {
    json::object present{{"required", {oneof.field(number)->json_name()}}};
    any.push_back(present);
    choices.push_back(std::move(present));
  }
  choices.push_back(json::object{{"not", json::object{{"anyOf", std::move(any)}}}});
  return {{"oneOf", std::move(choices)}};
}

} // namespace

template <class T>
std::pair<std::string, bool> openapi_schemas::name_of(const T& declared) {
  const auto known = names_.find(declared.full_name());
  if (known != names_.end())
    return {known->second, false};
  const auto& package = declared.file()->package();
  auto name = declared.full_name().substr(package.empty() ? 0 : package.size() + 1);
  if (schemas_.contains(name))
    name = declared.full_name();
  schemas_[name] = nullptr; // a place, so that messages that hold each other end
  return {names_.emplace(declared.full_name(), std::move(name)).first->second, true};
}

json::object openapi_schemas::of_message(const Descriptor& message) {
  if (auto well_known = of_well_known(message))
    return std::move(*well_known);
  const auto [name, is_new] = name_of(message);
  if (is_new)
    schemas_[name] = of_fields(message, {});
  return reference_to(name);
}

json::object openapi_schemas::of_enum(const EnumDescriptor& type) {
  if (type.full_name() == "google.protobuf.NullValue")
    // Its JSON is null; but where default values are written, the protobuf library writes the name.
    return {{"type", "string"}, {"nullable", true}, {"enum", json::array{nullptr, "NULL_VALUE"}}};
  const auto [name, is_new] = name_of(type);
  if (is_new) {
    json::array values;
    for (int number = 0; number < type.value_count(); ++number)
      values.emplace_back(type.value(number)->name());
    json::object schema{{"type", "string"}, {"enum", std::move(values)}};
    schemas_[name] = described(std::move(schema), source_.comment_of(type));
  }
  return reference_to(name);
}

json::object openapi_schemas::of_element(const FieldDescriptor& field) {
  if (field.message_type() != nullptr)
    return of_message(*field.message_type());
  if (field.enum_type() != nullptr)
    return of_enum(*field.enum_type());
  return of_scalar(field);
}

json::object openapi_schemas::of_field(const FieldDescriptor& field) {
  json::object schema;
  if (field.is_map())
    schema = {{"type", "object"}, {"additionalProperties", of_element(*field.message_type()->map_value())}};
  else if (field.is_repeated())
    schema = {{"type", "array"}, {"items", of_element(field)}};
  else
    schema = of_element(field);
  return described(std::move(schema), source_.comment_of(field));
}

json::object openapi_schemas::of_fields(const Descriptor& message, const std::set<const FieldDescriptor*>& without) {
  json::object properties;
  for (int number = 0; number < message.field_count(); ++number)
    if (const auto* const field = message.field(number); !without.contains(field))
      properties[field->json_name()] = of_field(*field);
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  json::array choices;
  for (int number = 0; number < message.real_oneof_decl_count(); ++number)
    choices.push_back(at_most_one(*message.oneof_decl(number)));
  if (!choices.empty())
    schema["allOf"] = std::move(choices);
  return described(std::move(schema), source_.comment_of(message));
}

json::object described(json::object schema, const std::string& description) {
  if (description.empty())
    return schema;
  if (schema.contains("$ref"))
    schema = {{"allOf", json::array{std::move(schema)}}};
  schema["description"] = description;
  return schema;
}

} // namespace troupe::contracts
