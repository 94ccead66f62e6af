#include <troupe/messages/contracts/transcoding_texts.hpp>

#include <boost/json/parse.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wrappers.pb.h>

#include <troupe/messages/contracts/transcoding_json.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// What JSON writes for a message that is a single value there, without quotes.
expected<std::string> text_of(const Message& value) {
  auto json = message_to_json(value, {});
  if (!json)
    return failure{errc::invalid, json.error().reason};
  if (!json->starts_with('"'))
    return json;
  boost::json::error_code failed;
  const auto text = boost::json::parse({json->data(), json->size()}, failed);
  if (failed)
    return failure{errc::internal, failed.message()};
  return std::string{text.get_string().data(), text.get_string().size()};
}

template <class Wrapper, class Value>
expected<std::string> text_in(Value value) {
  Wrapper wrapped;
  wrapped.set_value(std::move(value));
  return text_of(wrapped);
}

std::string text_of(const FieldDescriptor& field, int number) {
  const auto* const named = field.enum_type()->FindValueByNumber(number);
  return named != nullptr ? named->name() : std::to_string(number);
}

/// The value at `index` of a repeated field, or the only one: protobuf has a pair of functions for each type.
class value_reader {
public:
  value_reader(const Message& message, const FieldDescriptor& field, int index)
    : message_(message), reflection_(*message.GetReflection()), field_(field), index_(index) {}

  expected<std::string> text() const {
    using reflection = google::protobuf::Reflection;
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return std::to_string(get(&reflection::GetInt32, &reflection::GetRepeatedInt32));
      case FieldDescriptor::CPPTYPE_INT64:
        return std::to_string(get(&reflection::GetInt64, &reflection::GetRepeatedInt64));
      case FieldDescriptor::CPPTYPE_UINT32:
        return std::to_string(get(&reflection::GetUInt32, &reflection::GetRepeatedUInt32));
      case FieldDescriptor::CPPTYPE_UINT64:
        return std::to_string(get(&reflection::GetUInt64, &reflection::GetRepeatedUInt64));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return text_in<google::protobuf::DoubleValue>(get(&reflection::GetDouble, &reflection::GetRepeatedDouble));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return text_in<google::protobuf::FloatValue>(get(&reflection::GetFloat, &reflection::GetRepeatedFloat));
      case FieldDescriptor::CPPTYPE_BOOL:
        return std::string{get(&reflection::GetBool, &reflection::GetRepeatedBool) ? "true" : "false"};
      case FieldDescriptor::CPPTYPE_ENUM:
        return text_of(field_, get(&reflection::GetEnumValue, &reflection::GetRepeatedEnumValue));
      case FieldDescriptor::CPPTYPE_STRING: {
        auto value = get(&reflection::GetString, &reflection::GetRepeatedString);
        return field_.type() == FieldDescriptor::TYPE_BYTES ? text_in<google::protobuf::BytesValue>(std::move(value))
                                                            : expected<std::string>{std::move(value)};
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
    return text_of(field_.is_repeated() ? reflection_.GetRepeatedMessage(message_, &field_, index_)
                                        : reflection_.GetMessage(message_, &field_));
  }

private:
  template <class Value>
  Value get(Value (google::protobuf::Reflection::*one)(const Message&, const FieldDescriptor*) const,
            Value (google::protobuf::Reflection::*of_several)(const Message&, const FieldDescriptor*, int) const) const {
    return field_.is_repeated() ? (reflection_.*of_several)(message_, &field_, index_)
                                : (reflection_.*one)(message_, &field_);
  }

  const Message& message_;
  const google::protobuf::Reflection& reflection_;
  const FieldDescriptor& field_;
  const int index_;
};

} // namespace

expected<std::vector<std::string>> field_texts(const Message& message, const FieldDescriptor& field) {
  const int count = field.is_repeated() ? message.GetReflection()->FieldSize(message, &field) : 1;
  std::vector<std::string> result;
  for (int index = 0; index < count; ++index) {
    auto text = value_reader{message, field, index}.text();
    if (!text)
      return failure{text.error().code, field.name() + ": " + text.error().reason};
    result.push_back(std::move(*text));
  }
  return result;
}

} // namespace troupe::contracts
