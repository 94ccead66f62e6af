#include <troupe/messages/contracts/route_fields.hpp>

#include <algorithm>

#include <google/protobuf/descriptor.h>

#include <troupe/messages/contracts/route.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

/// Whether a field holds one message whose fields have dotted names.
bool is_entered(const FieldDescriptor& field) noexcept {
  if (field.is_repeated() || field.type() != FieldDescriptor::TYPE_MESSAGE || is_leaf(field))
    return false;
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return false;
    default:
      return true;
  }
}

/// Whether the path or the body of a route holds the field, so that the query does not.
bool is_held_elsewhere(const rest_route& route, const field_path& path) {
  return route.body == body_content::all || (route.body_field != nullptr && path.front() == route.body_field)
         || std::find(route.path.captured.begin(), route.path.captured.end(), path) != route.path.captured.end();
}

/// Whether a path enters a message a second time, which would have no end.
bool enters_again(const rest_route& route, const field_path& path, const Descriptor& entered) {
  return &entered == route.method->input_type()
         || std::any_of(path.begin(), path.end(), [&](const auto* each) { return each->message_type() == &entered; });
}

void add_parameters(const rest_route& route, const Descriptor& message, field_path& path, std::vector<field_path>& found) {
  for (int number = 0; number < message.field_count() && found.size() <= most_query_parameters; ++number) {
    const auto& field = *message.field(number);
    const bool again = is_entered(field) && enters_again(route, path, *field.message_type());
    path.push_back(&field);
    if (!is_held_elsewhere(route, path)) {
      if (is_leaf(field))
        found.push_back(path);
      else if (is_entered(field) && !again)
        add_parameters(route, *field.message_type(), path, found);
    }
    path.pop_back();
  }
}

const FieldDescriptor* find_by_either_name(const Descriptor& message, std::string_view name) {
  const std::string text{name};
  if (const auto* const found = message.FindFieldByName(text))
    return found;
  for (int number = 0; number < message.field_count(); ++number)
    if (message.field(number)->json_name() == name)
      return message.field(number);
  return nullptr;
}

} // namespace

std::string to_string(const field_path& path) {
  std::string result;
  for (const auto* field : path)
    result.append(result.empty() ? "" : ".").append(field->name());
  return result;
}

expected<field_path> find_fields(const Descriptor& message, std::string_view dotted) {
  field_path path;
  const auto* entered = &message;
  for (std::size_t at = 0; at <= dotted.size();) {
    const std::string name{dotted.substr(at, dotted.find('.', at) - at)};
    if (entered == nullptr)
      return failure{errc::invalid, "the field " + to_string(path) + " is no single message, so it has no field " + name};
    const auto* const field = entered->FindFieldByName(name);
    if (field == nullptr)
      return failure{errc::invalid, entered->full_name() + " has no field " + name};
    path.push_back(field);
    entered = field->is_repeated() ? nullptr : field->message_type();
    at += name.size() + 1;
  }
  return path;
}

bool is_leaf(const FieldDescriptor& field) noexcept {
  if (field.type() == FieldDescriptor::TYPE_GROUP)
    return false;
  if (field.type() != FieldDescriptor::TYPE_MESSAGE)
    return true;
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return false;
    default:
      return true;
  }
}

std::vector<field_path> query_parameters(const rest_route& route) {
  std::vector<field_path> found;
  field_path path;
  if (route.body != body_content::all)
    add_parameters(route, *route.method->input_type(), path, found);
  return found;
}

expected<field_path> find_query_parameter(const rest_route& route, std::string_view dotted) {
  const auto refused = [&](std::string_view reason) {
    return failure{errc::invalid, "the query parameter " + visible(dotted.substr(0, 100)) + ' ' + std::string{reason}};
  };
  field_path path;
  const auto* entered = route.method->input_type();
  for (std::size_t at = 0; at <= dotted.size();) {
    const auto name = dotted.substr(at, dotted.find('.', at) - at);
    const auto* const field = entered == nullptr ? nullptr : find_by_either_name(*entered, name);
    if (field == nullptr)
      return refused("is unknown");
    const bool enters = is_entered(*field);
    if (enters && enters_again(route, path, *field->message_type()))
      return refused("enters a message that holds itself more than once");
    path.push_back(field);
    if (is_held_elsewhere(route, path))
      return refused(route.body == body_content::all ? "is unknown: the body holds what the path does not"
                                                     : "is unknown: the path or the body holds it");
    entered = enters ? field->message_type() : nullptr;
    at += name.size() + 1;
  }
  if (!is_leaf(*path.back()))
    return refused("is unknown: its type has no single value");
  return path;
}

} // namespace troupe::contracts
