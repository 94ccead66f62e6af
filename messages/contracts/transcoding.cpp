#include <troupe/messages/contracts/transcoding.hpp>

#include <set>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/transcoding_escapes.hpp>
#include <troupe/messages/contracts/transcoding_json.hpp>
#include <troupe/messages/contracts/transcoding_values.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

expected<void> read_body(const rest_route& route, const body_view& received, const transcoding_limits& limits,
                         Message& request) {
  const auto body = received.bytes;
  const bool any = takes_any_body(route);
  if (body.empty() && !any)
    return {};
  if (route.body == body_content::none)
    return failure{errc::invalid, route.http_method + ' ' + route.path.text + " takes no body"};
  if (body.size() > limits.body)
    return failure{errc::rejected, "the body is longer than " + std::to_string(limits.body) + " bytes"};
  if (any)
    return set_http_body(request, route.body_field, received);
  if (auto checked = check_json(body, limits.depth); !checked)
    return checked;
  if (route.body == body_content::all)
    return json_to_message(body, request);
  // What was checked is one value, and stands for itself in an object.
  std::string object = "{\"" + route.body_field->name() + "\":";
  object.append(body).append("}");
  return json_to_message(object, request);
}

/// A parameter's name and value; the rest of the query stays.
expected<std::pair<std::string, std::string>> next_parameter(std::string_view& query) {
  const auto pair = query.substr(0, query.find('&'));
  query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : pair.size());
  const auto equals = pair.find('=');
  auto name = decode_query_text(pair.substr(0, equals));
  auto value = decode_query_text(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
  if (!name || !value)
    return failure{errc::invalid, "the query parameter " + visible(pair.substr(0, 100)) + ": a percent escape is malformed"};
  return std::pair{std::move(*name), std::move(*value)};
}

expected<void> read_query(const rest_route& route, std::string_view query, const transcoding_limits& limits,
                          Message& request) {
  std::set<field_path> seen;
  std::size_t count = 0;
  while (!query.empty()) {
    const auto parameter = next_parameter(query);
    if (!parameter)
      return parameter.error();
    const auto& [name, value] = *parameter;
    if (name.empty() && value.empty())
      continue; // two ampersands
    if (++count > limits.parameters)
      return failure{errc::rejected, "the query has more than " + std::to_string(limits.parameters) + " parameters"};
    auto path = find_query_parameter(route, name);
    if (!path)
      return path.error();
    const bool repeated = path->back()->is_repeated();
    if (auto set = set_field(request, *path, value); !set)
      return failure{errc::invalid, "the query parameter " + name + ' ' + set.error().reason};
    if (!seen.insert(std::move(*path)).second && !repeated)
      return failure{errc::invalid, "the query parameter " + name + " stands twice"};
  }
  return {};
}

expected<void> read_path(const route_match& match, Message& request) {
  for (std::size_t at = 0; at < match.captures.size(); ++at)
    if (auto set = set_field(request, match.route->path.captured[at], match.captures[at]); !set)
      return failure{errc::invalid,
                     "the path variable " + match.route->path.variables[at].field_path + ' ' + set.error().reason};
  return {};
}

/// The JSON of a field that an answer's JSON left out.
expected<std::string> absent_field(const Message& answer, const FieldDescriptor& field, const json_form& form) {
  if (field.is_map())
    return std::string{"{}"};
  if (field.is_repeated())
    return std::string{"[]"};
  if (field.has_presence())
    return std::string{"null"};
  const std::unique_ptr<Message> empty{answer.New()};
  auto whole = message_to_json(*empty, {default_values::written, form.names});
  if (!whole)
    return whole;
  return std::string{member_of(*whole, json_name_of(field, form))};
}

} // namespace

expected<void> decode_request(const route_match& match, std::string_view query, const body_view& body,
                              const transcoding_limits& limits, Message& request) {
  if (auto read = read_body(*match.route, body, limits, request); !read)
    return read;
  if (auto read = read_query(*match.route, query, limits, request); !read)
    return read;
  if (auto read = read_path(match, request); !read)
    return read;
  if (!request.IsInitialized())
    return failure{errc::invalid, "the request lacks " + request.InitializationErrorString()};
  return {};
}

expected<std::string> encode_answer(const rest_route& route, const Message& answer, const json_form& form) {
  auto whole = message_to_json(answer, form);
  if (!whole || route.response_body == nullptr)
    return whole;
  const auto value = member_of(*whole, json_name_of(*route.response_body, form));
  if (value.empty())
    return absent_field(answer, *route.response_body, form);
  return std::string{value};
}

} // namespace troupe::contracts
