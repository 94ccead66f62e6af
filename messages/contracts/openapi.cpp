#include <troupe/messages/contracts/openapi.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <boost/json/array.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/rpc/status.pb.h>

#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/openapi_schema.hpp>
#include <troupe/messages/contracts/transcoding_escapes.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::contracts {

namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

json::object json_content(json::object schema) {
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

/// Of bytes under any media type (OpenAPI 3.0.3, "Considerations for File Uploads").
json::object any_content() {
  return {{"*/*", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}};
}

/// A template as OpenAPI has it: `/v1/{name}`, with the name of the parameter of each wildcard.
struct openapi_path {
  std::string text;
  std::vector<std::string> parameters;
};

bool is_wildcard(const path_segment& segment) noexcept {
  return segment.is != path_segment::form::literal;
}

std::size_t wildcards_of(const path_template& path, const path_variable& variable) {
  const auto first = path.segments.begin() + static_cast<std::ptrdiff_t>(variable.first);
  return static_cast<std::size_t>(std::count_if(first, first + static_cast<std::ptrdiff_t>(variable.count), is_wildcard));
}

/// Names each wildcard after its variable, and those of a variable that has several by a number too.
std::vector<std::string> name_wildcards(const path_template& path) {
  std::vector<std::string> names;
  std::map<const path_variable*, int> counts;
  for (std::size_t at = 0; at < path.segments.size(); ++at) {
    if (!is_wildcard(path.segments[at]))
      continue;
    const auto* const variable = path.variable_at(at);
    auto name = variable == nullptr ? std::string{"segment"} : variable->field_path;
    if (variable == nullptr || wildcards_of(path, *variable) > 1)
      name += '_' + std::to_string(++counts[variable]);
    while (std::find(names.begin(), names.end(), name) != names.end())
      name += '_';
    names.push_back(std::move(name));
  }
  return names;
}

/// Some of a template's segments, without the slash before them.
std::string segments_text(const path_template& path, std::size_t first, std::size_t count,
                          const std::vector<std::string>& names) {
  auto name =
    names.begin()
    + std::count_if(path.segments.begin(), path.segments.begin() + static_cast<std::ptrdiff_t>(first), is_wildcard);
  std::string text;
  for (auto at = first; at < first + count; ++at) {
    text += at == first ? "" : "/";
    text += is_wildcard(path.segments[at]) ? '{' + *name++ + '}' : encode_path_text(path.segments[at].text);
  }
  return text;
}

class document_writer {
public:
  document_writer(const std::vector<rest_route>& routes, const proto_source& source)
    : routes_(routes), source_(source), schemas_(source) {
    for (const auto& route : routes)
      services_.insert(route.method->service());
  }

  json::object write(const openapi_info& info) && {
    for (const auto& route : routes_)
      add(route);
    static_cast<void>(schemas_.of_message(*google::rpc::Status::descriptor()));
    json::object document{{"openapi", "3.0.3"},
                          {"info", {{"title", info.title}, {"version", info.version}}},
                          {"paths", std::move(paths_)},
                          {"components", {{"schemas", std::move(schemas_).take()}}}};
    if (!tags_.empty())
      document["tags"] = std::move(tags_);
    return document;
  }

private:
  void add(const rest_route& route) {
    constexpr std::array<std::string_view, 8> known{"get", "put", "post", "delete", "options", "head", "patch", "trace"};
    const auto http_method = lower_case(route.http_method);
    if (std::find(known.begin(), known.end(), http_method) == known.end())
      return;
    const auto& path = path_of(route);
    auto& item = paths_[path.text];
    if (!item.is_object())
      item.emplace_object();
    if (!item.as_object().contains(http_method))
      item.as_object()[http_method] = operation(route, path);
  }

  /// Paths that differ only in the names of their parameters are one.
  const openapi_path& path_of(const rest_route& route) {
    auto same = route.path;
    for (auto& segment : same.segments)
      if (segment.is == path_segment::form::rest)
        segment.is = path_segment::form::one;
    const auto [known, is_new] = by_shape_.try_emplace(same.shape());
    if (is_new) {
      auto names = name_wildcards(route.path);
      auto text = '/' + segments_text(route.path, 0, route.path.segments.size(), names);
      if (!route.path.verb.empty())
        text += ':' + encode_path_text(route.path.verb);
      known->second = {std::move(text), std::move(names)};
    }
    return known->second;
  }

  json::object operation(const rest_route& route, const openapi_path& path) {
    const auto& method = *route.method;
    json::object result{{"operationId", operation_id(method)}, {"tags", {method.service()->name()}}};
    add_tag(*method.service());
    if (const auto comment = source_.comment_of(method); !comment.empty())
      result["description"] = comment;
    if (method.options().deprecated())
      result["deprecated"] = true;
    auto parameters = path_parameters(route, path);
    for (const auto& field : query_parameters(route))
      parameters.push_back(query_parameter(field));
    if (!parameters.empty())
      result["parameters"] = std::move(parameters);
    if (route.body != body_content::none)
      result["requestBody"] = {{"content", takes_any_body(route) ? any_content() : json_content(body_schema(route))}};
    result["responses"] = {{std::to_string(route.status), success(route)},
                           {"default", {{"description", "An error."}, {"content", json_content(error_schema())}}}};
    return result;
  }

  std::string operation_id(const MethodDescriptor& method) {
    const auto name = services_.size() == 1 ? method.name() : method.service()->name() + '_' + method.name();
    auto id = name;
    for (int number = 2; !operation_ids_.insert(id).second; ++number)
      id = name + '_' + std::to_string(number);
    return id;
  }

  void add_tag(const google::protobuf::ServiceDescriptor& service) {
    const auto comment = source_.comment_of(service);
    if (tagged_.insert(service.name()).second && !comment.empty())
      tags_.push_back(json::object{{"name", service.name()}, {"description", comment}});
  }

  json::array path_parameters(const rest_route& route, const openapi_path& path) {
    json::array result;
    for (std::size_t at = 0; at < route.path.segments.size(); ++at) {
      if (!is_wildcard(route.path.segments[at]))
        continue;
      json::object parameter{{"name", path.parameters[result.size()]}, {"in", "path"}, {"required", true}};
      std::string description;
      json::object schema{{"type", "string"}};
      if (const auto* const variable = route.path.variable_at(at)) {
        const auto& field = *route.path.captured[static_cast<std::size_t>(variable - route.path.variables.data())].back();
        description = source_.comment_of(field);
        if (variable->count == 1)
          schema = schemas_.of_element(field);
        else
          description = "Of `" + variable->field_path + "`, which is `"
                        + segments_text(route.path, variable->first, variable->count, path.parameters) + "`."
                        + (description.empty() ? "" : "\n") + description;
      }
      if (route.path.segments[at].is == path_segment::form::rest)
        description.append(description.empty() ? "" : "\n").append("Any number of segments, with the slashes between them.");
      if (!description.empty())
        parameter["description"] = description;
      parameter["schema"] = std::move(schema);
      result.push_back(std::move(parameter));
    }
    return result;
  }

  json::object query_parameter(const field_path& path) {
    std::string name;
    for (const auto* field : path)
      name.append(name.empty() ? "" : ".").append(field->json_name());
    const auto& field = *path.back();
    json::object parameter{{"name", name}, {"in", "query"}};
    if (const auto comment = source_.comment_of(field); !comment.empty())
      parameter["description"] = comment;
    if (field.options().deprecated())
      parameter["deprecated"] = true;
    auto element = schemas_.of_element(field);
    parameter["schema"] =
      field.is_repeated() ? json::object{{"type", "array"}, {"items", std::move(element)}} : std::move(element);
    return parameter;
  }

  json::object body_schema(const rest_route& route) {
    if (route.body == body_content::field)
      return schemas_.of_field(*route.body_field);
    std::set<const FieldDescriptor*> in_path;
    for (const auto& fields : route.path.captured)
      if (fields.size() == 1)
        in_path.insert(fields.front());
    const auto& message = *route.method->input_type();
    return in_path.empty() ? schemas_.of_message(message) : schemas_.of_fields(message, in_path);
  }

  json::object success(const rest_route& route) {
    json::object result{{"description", "A successful response."}};
    if (route.location)
      result["headers"] = {
        {"Location", {{"description", "`" + route.location->text + "`"}, {"schema", {{"type", "string"}}}}}};
    if (route.status != 204)
      result["content"] = answer_content(route);
    return result;
  }

  json::object answer_content(const rest_route& route) {
    if (answers_any_body(route))
      return any_content();
    return json_content(route.response_body != nullptr ? schemas_.of_field(*route.response_body)
                                                       : schemas_.of_message(*route.method->output_type()));
  }

  json::object error_schema() { return schemas_.of_message(*google::rpc::Status::descriptor()); }

  const std::vector<rest_route>& routes_;
  const proto_source& source_;
  openapi_schemas schemas_;
  std::set<const google::protobuf::ServiceDescriptor*> services_;
  json::object paths_;
  std::map<std::string, openapi_path> by_shape_;
  std::set<std::string> operation_ids_;
  std::set<std::string> tagged_;
  json::array tags_;
};

} // namespace

json::object openapi_document(const std::vector<rest_route>& routes, const openapi_info& info, const proto_source& source) {
  return document_writer{routes, source}.write(info);
}

} // namespace troupe::contracts
