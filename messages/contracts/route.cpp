#include <troupe/messages/contracts/route.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.h>
#include <troupe/api/http.pb.h>

namespace troupe::contracts {

namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
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
    if (!method.options().HasExtension(google::api::http)) {
      if (method.options().HasExtension(api::answer))
        complain(method, "has the option troupe.api.answer, but not google.api.http");
      return;
    }
    if (method.client_streaming() || method.server_streaming())
      return complain(method, "is streaming, and streams are not supported over REST: leave its google.api.http out");
    const auto& rule = method.options().GetExtension(google::api::http);
    rest_route route;
    route.method = &method;
    read_answer(route);
    add(route, rule);
    for (const auto& further : rule.additional_bindings()) {
      if (further.additional_bindings_size() != 0)
        complain(method, "has additional_bindings within additional_bindings");
      add(route, further);
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

  void add(rest_route route, const HttpRule& rule) {
    const auto mistakes_before = result_.mistakes.size();
    const auto& method = *route.method;
    std::tie(route.http_method, route.path.text) = pattern_of(rule);
    if (!is_token(route.http_method))
      return complain(method, "names no HTTP method: set get, put, post, delete, patch or custom");
    read_path(method, *method.input_type(), "path", route.path);
    read_body(route, rule.body());
    read_response_body(route, rule.response_body());
    if (result_.mistakes.size() != mistakes_before)
      return;
    if (query_parameters(route).size() > most_query_parameters)
      return complain(method, "has more than " + std::to_string(most_query_parameters)
                                + " query parameters: let a body hold its fields");
    const auto [first, is_new] = first_.emplace(route.http_method + ' ' + route.path.shape(), &method);
    if (!is_new)
      return complain(method, "takes " + route.http_method + ' ' + route.path.text
                                + ", which matches the same paths as a route of " + source_.place_of(*first->second));
    result_.routes.push_back(std::move(route));
  }

  /// Reads the text of a path whose variables are fields of `message`.
  void read_path(const MethodDescriptor& method, const Descriptor& message, const std::string& name, message_path& path) {
    auto parsed = parse_template(path.text);
    if (!parsed)
      return complain(method, "the " + name + " template \"" + path.text + "\" " + parsed.error().reason);
    static_cast<path_template&>(path) = std::move(*parsed);
    for (const auto& variable : path.variables) {
      auto fields = find_fields(message, variable.field_path);
      const auto one = "the " + name + " variable {" + variable.field_path + "} ";
      if (!fields)
        complain(method, one + "is unknown: " + fields.error().reason);
      else if (fields->back()->is_repeated())
        complain(method, one + "is a repeated field, which no path can hold");
      else if (fields->back()->message_type() != nullptr)
        complain(method, one + "is a message, which no path can hold");
      else if (std::find(path.captured.begin(), path.captured.end(), *fields) != path.captured.end())
        complain(method, one + "stands twice in the " + name + " template");
      else
        path.captured.push_back(std::move(*fields));
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
    if (std::ranges::find(route.path.captured, field_path{route.body_field}) != route.path.captured.end())
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

  void read_answer(rest_route& route) {
    const auto& answer = route.method->options().GetExtension(api::answer);
    if (answer.status() != 0)
      route.status = static_cast<unsigned>(answer.status());
    const bool points = route.status == 201 || route.status == 202;
    if (!points && route.status != 200 && route.status != 204)
      return complain(*route.method, "troupe.api.answer has the status " + std::to_string(answer.status())
                                       + ", but a success is 200, 201, 202 or 204");
    if (route.status == 204 && route.method->output_type()->field_count() != 0)
      complain(*route.method, "troupe.api.answer has the status 204, which has no content, but "
                                + route.method->output_type()->full_name() + " has fields");
    if (answer.location().empty())
      return;
    if (!points)
      return complain(*route.method, "troupe.api.answer has a location, which only the statuses 201 and 202 have");
    route.location.emplace().text = answer.location();
    read_path(*route.method, *route.method->output_type(), "location", *route.location);
    for (std::size_t at = 0; at != route.location->segments.size(); ++at)
      if (route.location->segments[at].is != path_segment::form::literal && route.location->variable_at(at) == nullptr)
        return complain(*route.method, "the location template \"" + route.location->text
                                         + "\" has a wildcard that is no variable: no field says what stands there");
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
