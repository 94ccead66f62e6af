#include <troupe/messages/contracts/transcoding_values.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wrappers.pb.h>

#include <troupe/messages/contracts/transcoding_json.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/utf8.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

failure refused(std::string_view type, std::string_view text) {
  constexpr std::size_t longest = 100;
  return {errc::invalid, "is no " + std::string{type} + ": " + visible(text.substr(0, longest))};
}

template <class Number>
std::optional<Number> integer_of(std::string_view text) noexcept {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

/// A JSON number, `NaN`, `Infinity` or `-Infinity`.
template <class Wrapper, class Number = decltype(Wrapper{}.value())>
std::optional<Number> real_of(std::string_view text) {
  if (text == "NaN")
    return std::numeric_limits<Number>::quiet_NaN();
  if (text == "Infinity" || text == "-Infinity")
    return text.front() == '-' ? -std::numeric_limits<Number>::infinity() : std::numeric_limits<Number>::infinity();
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos || !check_json(text, 1))
    return std::nullopt;
  if (const auto value = integer_of<Number>(text))
    return value;
  Wrapper nearest; // from_chars refuses what is nearest to zero
  return json_to_message(text, nearest) ? std::optional{nearest.value()} : std::nullopt;
}

/// Sets or adds one value: protobuf has a pair of functions for each type.
template <class Value>
class slot {
public:
  using setter = void (Reflection::*)(Message*, const FieldDescriptor*, Value) const;

  slot(setter set, setter add) noexcept : set_(set), add_(add) {}

  void put(Message& message, const FieldDescriptor& field, Value value) const {
    const auto function = field.is_repeated() ? add_ : set_;
    (message.GetReflection()->*function)(&message, &field, std::move(value));
  }

private:
  setter set_;
  setter add_;
};

template <class Value>
expected<void> put(const slot<Value>& into, Message& message, const FieldDescriptor& field,
                   const std::optional<Value>& value, std::string_view text) {
  if (!value)
    return refused(field.type_name(), text);
  into.put(message, field, *value);
  return {};
}

std::optional<bool> bool_of(std::string_view text) noexcept {
  if (text == "true" || text == "false")
    return text == "true";
  return std::nullopt;
}

std::optional<std::string> string_of(std::string_view text) {
  if (!is_utf8(text))
    return std::nullopt;
  return std::string{text};
}

/// A number that no value has is kept in proto3, whose enums are open.
std::optional<int> enum_of(const FieldDescriptor& field, std::string_view text) {
  if (const auto* const named = field.enum_type()->FindValueByName(std::string{text}))
    return named->number();
  const auto number = integer_of<std::int32_t>(text);
  if (number && field.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3
      && field.enum_type()->FindValueByNumber(*number) == nullptr)
    return std::nullopt;
  return number;
}

/// Reads what protobuf's own mapping writes as a text: `value` is a well-known type.
bool read_text(std::string_view text, Message& value) {
  if (!is_utf8(text))
    return false;
  std::string json;
  append_json_string(json, text);
  return json_to_message(json, value).has_value();
}

/// Base64, of either alphabet.
std::optional<std::string> bytes_of(std::string_view text) {
  google::protobuf::BytesValue value;
  if (!read_text(text, value))
    return std::nullopt;
  return std::move(*value.mutable_value());
}

expected<void> set_leaf(Message& message, const FieldDescriptor& field, std::string_view text);

expected<void> set_message(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto* const reflection = message.GetReflection();
  auto* const value =
    field.is_repeated() ? reflection->AddMessage(&message, &field) : reflection->MutableMessage(&message, &field);
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
    case Descriptor::WELLKNOWNTYPE_DURATION:
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      if (!read_text(text, *value))
        return refused(field.message_type()->full_name(), text);
      return {};
    default: // a wrapper, whose only field is its value
      return set_leaf(*value, *field.message_type()->field(0), text);
  }
}

expected<void> set_leaf(Message& message, const FieldDescriptor& field, std::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put<std::int32_t>({&Reflection::SetInt32, &Reflection::AddInt32}, message, field,
                               integer_of<std::int32_t>(text), text);
    case FieldDescriptor::CPPTYPE_INT64:
      return put<std::int64_t>({&Reflection::SetInt64, &Reflection::AddInt64}, message, field,
                               integer_of<std::int64_t>(text), text);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put<std::uint32_t>({&Reflection::SetUInt32, &Reflection::AddUInt32}, message, field,
                                integer_of<std::uint32_t>(text), text);
    case FieldDescriptor::CPPTYPE_UINT64:
      return put<std::uint64_t>({&Reflection::SetUInt64, &Reflection::AddUInt64}, message, field,
                                integer_of<std::uint64_t>(text), text);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put<double>({&Reflection::SetDouble, &Reflection::AddDouble}, message, field,
                         real_of<google::protobuf::DoubleValue>(text), text);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put<float>({&Reflection::SetFloat, &Reflection::AddFloat}, message, field,
                        real_of<google::protobuf::FloatValue>(text), text);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put<bool>({&Reflection::SetBool, &Reflection::AddBool}, message, field, bool_of(text), text);
    case FieldDescriptor::CPPTYPE_ENUM:
      if (const auto number = enum_of(field, text)) {
        slot<int>{&Reflection::SetEnumValue, &Reflection::AddEnumValue}.put(message, field, *number);
        return {};
      }
      return refused(field.enum_type()->full_name(), text);
    case FieldDescriptor::CPPTYPE_STRING:
      return put<std::string>({&Reflection::SetString, &Reflection::AddString}, message, field,
                              field.type() == FieldDescriptor::TYPE_BYTES ? bytes_of(text) : string_of(text), text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return set_message(message, field, text);
  }
  return refused("leaf", text);
}

/// Fails where another member of the field's oneof is set, which would be lost.
expected<void> check_oneof(const Message& message, const FieldDescriptor& field) {
  const auto* const oneof = field.real_containing_oneof();
  if (oneof == nullptr)
    return {};
  const auto* const set = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  if (set == nullptr || set == &field)
    return {};
  return failure{errc::invalid, "excludes " + set->name() + ", which is given too"};
}

} // namespace

expected<void> set_field(Message& message, const field_path& path, std::string_view text) {
  auto* holder = &message;
  for (const auto* field : path) {
    if (auto checked = check_oneof(*holder, *field); !checked)
      return checked;
    if (field == path.back())
      return set_leaf(*holder, *field, text);
    holder = holder->GetReflection()->MutableMessage(holder, field);
  }
  return {};
}

} // namespace troupe::contracts
