#include <troupe/bridges/grpc/gateway.hpp>

#include <boost/json.hpp>

#include <google/api/annotations.pb.h>
#include <greeting.pb.h>
#include <greeting_v3.pb.h>

#include <troupe/messages/values/headers.hpp>

namespace troupe::grpc {

namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

const FileDescriptor& file_of(package contract) {
  return contract == package::greeting ? *::greeting::GreetingRequest::descriptor()->file()
                                       : *::greeting::v3::GreetingRequest::descriptor()->file();
}

/// Calls `see(method, rule)` for every rule of every method, additional bindings after their own.
template <class See>
void for_each_rule(const FileDescriptor& file, See see) {
  for (int service = 0; service < file.service_count(); ++service)
    for (int number = 0; number < file.service(service)->method_count(); ++number) {
      const auto& method = *file.service(service)->method(number);
      if (!method.options().HasExtension(google::api::http))
        continue;
      const auto& rule = method.options().GetExtension(google::api::http);
      see(method, rule);
      for (const auto& further : rule.additional_bindings())
        see(method, further);
    }
}

struct verb_and_path {
  std::string verb;
  std::string path;
};

verb_and_path pattern_of(const google::api::HttpRule& rule) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"GET", rule.get()};
    case google::api::HttpRule::kPut:
      return {"PUT", rule.put()};
    case google::api::HttpRule::kPost:
      return {"POST", rule.post()};
    case google::api::HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case google::api::HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case google::api::HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case google::api::HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

json::object reference_to(std::string_view schema) {
  return {{"$ref", std::string{"#/components/schemas/"}.append(schema)}};
}

/// As proto3's JSON mapping writes a single value: 64-bit numbers are strings.
json::object scalar_schema(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", "string"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "uint64"}};
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
      return {{"type", "string"}};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return reference_to(field.message_type()->name());
  }
  return {};
}

json::object field_schema(const FieldDescriptor& field) {
  auto single = scalar_schema(field);
  if (field.is_repeated())
    return {{"type", "array"}, {"items", std::move(single)}};
  return single;
}

/// Adds the schema of a message and those of the messages in it, fields in the order of the file.
void add_schema(const Descriptor& message, json::object& schemas) {
  if (schemas.contains(message.name()))
    return;
  schemas[message.name()] = nullptr; // a place, so that messages that hold each other end
  json::object properties;
  for (int number = 0; number < message.field_count(); ++number) {
    const auto& field = *message.field(number);
    properties[field.json_name()] = field_schema(field);
    if (field.message_type() != nullptr)
      add_schema(*field.message_type(), schemas);
  }
  schemas[message.name()] = {{"type", "object"}, {"properties", std::move(properties)}};
}

json::object content(std::string_view media_type, json::object schema) {
  return {{media_type, {{"schema", std::move(schema)}}}};
}

json::object operation(const MethodDescriptor& method, const google::api::HttpRule& rule) {
  const auto* const body = method.output_type()->FindFieldByName(rule.response_body());
  auto answer = body != nullptr ? field_schema(*body) : reference_to(method.output_type()->name());
  return {
    {"operationId", method.name()},
    {"tags", {method.service()->name()}},
    {"responses",
     {{"200", {{"description", "A successful response."}, {"content", content("application/json", std::move(answer))}}},
      {"default",
       {{"description", "An error."}, {"content", content("application/problem+json", reference_to("Problem"))}}}}}};
}

/// RFC 9457's object, with what the edge adds.
json::object problem_schema() {
  const json::object text{{"type", "string"}};
  return {{"type", "object"},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}, {"format", "int32"}}},
            {"detail", text},
            {"code", text},
            {"request_id", text}}}};
}

} // namespace

std::vector<rest_route> rest_routes(package contract) {
  std::vector<rest_route> routes;
  for_each_rule(file_of(contract), [&](const MethodDescriptor& method, const google::api::HttpRule& rule) {
    auto [verb, path] = pattern_of(rule);
    routes.push_back(
      {std::move(verb), std::move(path), method.service()->full_name() + '/' + method.name(), rule.response_body()});
  });
  return routes;
}

std::string openapi_json(package contract) {
  const auto& file = file_of(contract);
  json::object paths;
  json::object schemas;
  for_each_rule(file, [&](const MethodDescriptor& method, const google::api::HttpRule& rule) {
    const auto [verb, path] = pattern_of(rule);
    auto& item = paths[path];
    if (!item.is_object())
      item.emplace_object();
    item.as_object()[lower_case(verb)] = operation(method, rule);
    add_schema(*method.output_type(), schemas);
  });
  schemas["Problem"] = problem_schema();
  const json::object document{{"openapi", "3.0.3"},
                              {"info", {{"title", file.name()}, {"version", "version not set"}}},
                              {"paths", std::move(paths)},
                              {"components", {{"schemas", std::move(schemas)}}}};
  return json::serialize(document);
}

} // namespace troupe::grpc
