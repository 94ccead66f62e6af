#include <troupe/messages/contracts/route.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.h>

namespace troupe::contracts {

namespace {

using google::api::HttpRule;
using google::protobuf::MethodDescriptor;

/// The HTTP method and the template of a rule; two empty texts where it has none.
std::pair<std::string, std::string> pattern_of(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

/// Whether a text may be an HTTP method (RFC 9110, section 5.6.2), or is the star.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) == std::string_view::npos;
  });
}

class surface_reader {
public:
  explicit surface_reader(const proto_source& source) : source_(source) {}

  void read(const MethodDescriptor& method) {
    if (!method.options().HasExtension(google::api::http))
      return;
    if (method.client_streaming() || method.server_streaming())
      return complain(method, "is streaming, and streams are not supported over REST: leave its google.api.http out");
    const auto& rule = method.options().GetExtension(google::api::http);
    add(method, rule);
    for (const auto& further : rule.additional_bindings()) {
      if (further.additional_bindings_size() != 0)
        complain(method, "has additional_bindings within additional_bindings");
      add(method, further);
    }
  }

  rest_surface take() && {
    if (!result_.mistakes.empty())
      result_.routes.clear();
    return std::move(result_);
  }

private:
  void complain(const MethodDescriptor& method, const std::string& reason) {
    result_.mistakes.push_back(source_.place_of(method) + ": " + reason);
  }

  void add(const MethodDescriptor& method, const HttpRule& rule) {
    const auto mistakes_before = result_.mistakes.size();
    rest_route route;
    route.method = &method;
    std::tie(route.http_method, route.path_text) = pattern_of(rule);
    if (!is_token(route.http_method))
      return complain(method, "names no HTTP method: set get, put, post, delete, patch or custom");
    read_path(route);
    read_body(route, rule.body());
    read_response_body(route, rule.response_body());
    if (result_.mistakes.size() != mistakes_before)
      return;
    if (query_parameters(route).size() > most_query_parameters)
      return complain(method, "has more than " + std::to_string(most_query_parameters)
                                + " query parameters: let a body hold its fields");
    const auto [first, is_new] = first_.emplace(route.http_method + ' ' + route.path.shape(), &method);
    if (!is_new)
      return complain(method, "takes " + route.http_method + ' ' + route.path_text
                                + ", which matches the same paths as a route of " + source_.place_of(*first->second));
    result_.routes.push_back(std::move(route));
  }

  void read_path(rest_route& route) {
    auto path = parse_template(route.path_text);
    if (!path)
      return complain(*route.method, "the path template \"" + route.path_text + "\" " + path.error().reason);
    route.path = std::move(*path);
    for (const auto& variable : route.path.variables) {
      auto fields = find_fields(*route.method->input_type(), variable.field_path);
      const auto name = "the path variable {" + variable.field_path + "} ";
      if (!fields)
        complain(*route.method, name + "is unknown: " + fields.error().reason);
      else if (fields->back()->is_repeated())
        complain(*route.method, name + "is a repeated field, which no path can hold");
      else if (fields->back()->message_type() != nullptr)
        complain(*route.method, name + "is a message, which no path can hold");
      else if (std::find(route.captured.begin(), route.captured.end(), *fields) != route.captured.end())
        complain(*route.method, name + "stands twice in the path template");
      else
        route.captured.push_back(std::move(*fields));
    }
  }

  void read_body(rest_route& route, const std::string& body) {
    if (body.empty())
      return;
    if (route.http_method == "GET" || route.http_method == "HEAD")
      return complain(*route.method, route.http_method + " has no body: leave body out");
    if (body == "*") {
      route.body = body_content::all;
      return;
    }
    route.body = body_content::field;
    route.body_field = route.method->input_type()->FindFieldByName(body);
    if (route.body_field == nullptr)
      return complain(*route.method,
                      "body is unknown: " + route.method->input_type()->full_name() + " has no field " + body);
    if (std::find(route.captured.begin(), route.captured.end(), field_path{route.body_field}) != route.captured.end())
      complain(*route.method, "body is the field " + body + ", which the path holds");
  }

  void read_response_body(rest_route& route, const std::string& body) {
    if (body.empty())
      return;
    route.response_body = route.method->output_type()->FindFieldByName(body);
    if (route.response_body == nullptr)
      complain(*route.method,
               "response_body is unknown: " + route.method->output_type()->full_name() + " has no field " + body);
  }

  const proto_source& source_;
  rest_surface result_;
  std::map<std::string, const MethodDescriptor*> first_; // by HTTP method and shape
};

} // namespace

rest_surface rest_surface_of(const std::vector<const google::protobuf::ServiceDescriptor*>& services,
                             const proto_source& source) {
  surface_reader reader{source};
  for (const auto* service : services)
    for (int number = 0; number < service->method_count(); ++number)
      reader.read(*service->method(number));
  return std::move(reader).take();
}

} // namespace troupe::contracts
