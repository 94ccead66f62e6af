#include <troupe/messages/contracts/transcoding_json.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <troupe/messages/contracts/json_events.hpp>
#include <troupe/messages/contracts/json_shape.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::contracts {

namespace {

failure no_message(const google::protobuf::Message& message, const std::string& reason) {
  return {errc::invalid, "the body is no " + message.GetDescriptor()->full_name() + ": " + reason};
}

/// Whether a key, as it stands in JSON, is that name. The printer escapes more than JSON asks for, such as `<`.
bool is_key(std::string_view quoted, std::string_view name) {
  if (quoted.find('\\') == std::string_view::npos)
    return quoted.substr(1, quoted.size() - 2) == name;
  return boost::json::parse({quoted.data(), quoted.size()}).as_string()
         == boost::json::string_view{name.data(), name.size()};
}

/// Behind the string that begins at the quote `at`.
std::size_t after_string(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size() && json[at] != '"'; ++at)
    if (json[at] == '\\')
      ++at;
  return at + 1;
}

/// Behind the value that begins at `at`: at a comma or a closing bracket.
std::size_t after_value(std::string_view json, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (depth == 0 && (c == ',' || c == '}' || c == ']'))
      break;
    if (c == '"') {
      at = after_string(json, at);
      continue;
    }
    if (c == '{' || c == '[')
      ++depth;
    else if (c == '}' || c == ']')
      --depth;
    ++at;
  }
  return at;
}

} // namespace

expected<void> check_json(std::string_view text, std::size_t depth) {
  boost::json::parse_options options;
  options.max_depth = depth;
  boost::json::basic_parser<json_events> parser{options};
  boost::json::error_code failed;
  const auto read = parser.write_some(false, text.data(), text.size(), failed);
  if (!failed && read < text.size())
    failed = boost::json::error::extra_data;
  if (!failed)
    return {};
  if (failed == boost::json::error::too_deep)
    return failure{errc::rejected, "the body is nested deeper than " + std::to_string(depth)};
  return failure{errc::invalid, "the body is no JSON: " + failed.message() + " at byte " + std::to_string(read)};
}

expected<void> json_to_message(std::string_view text, google::protobuf::Message& message, unknown_fields others) {
  std::string unquoted;
  if (others == unknown_fields::refused) {
    const auto quotes = check_shape(text, *message.GetDescriptor());
    if (!quotes)
      return no_message(message, quotes.error().reason);
    if (!quotes->empty()) {
      unquoted = text;
      for (const auto at : *quotes)
        unquoted[at] = ' ';
      text = unquoted;
    }
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = others == unknown_fields::ignored;
  const auto parsed = google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message, options);
  constexpr std::size_t longest = 300; // what the client sent is repeated in it
  if (!parsed.ok())
    return no_message(message,
                      visible(std::string_view{parsed.message().data(), parsed.message().size()}.substr(0, longest)));
  if (others == unknown_fields::refused && !has_valid_times(message))
    return no_message(message, "a time is out of range");
  return {};
}

expected<std::string> message_to_json(const google::protobuf::Message& message, const json_form& form) {
  if (!has_valid_times(message))
    return failure{errc::internal, message.GetDescriptor()->full_name() + " has no JSON: a time is out of range"};
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = form.defaults == default_values::written;
  options.preserve_proto_field_names = form.names == field_names::proto;
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!printed.ok())
    return failure{errc::internal, message.GetDescriptor()->full_name() + " has no JSON: " + printed.ToString()};
  return json;
}

const std::string& json_name_of(const google::protobuf::FieldDescriptor& field, const json_form& form) {
  return form.names == field_names::proto ? field.name() : field.json_name();
}

std::string_view member_of(std::string_view object, std::string_view name) {
  std::size_t at = 1; // behind the brace
  while (at < object.size() && object[at] == '"') {
    const auto key_end = after_string(object, at);
    const auto first = key_end + 1; // behind the colon
    const auto last = after_value(object, first);
    if (is_key(object.substr(at, key_end - at), name))
      return object.substr(first, last - first);
    at = last + 1;
  }
  return {};
}

} // namespace troupe::contracts
