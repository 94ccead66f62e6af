#include <troupe/messages/contracts/json_shape.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/messages/contracts/json_events.hpp>
#include <troupe/messages/contracts/transcoding_json.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool is_plain(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

bool is_wrapper(const Descriptor& type) {
  const auto known = type.well_known_type();
  return known >= Descriptor::WELLKNOWNTYPE_DOUBLEVALUE && known <= Descriptor::WELLKNOWNTYPE_BOOLVALUE;
}

bool is_time(const Descriptor& type) {
  const auto known = type.well_known_type();
  return known == Descriptor::WELLKNOWNTYPE_TIMESTAMP || known == Descriptor::WELLKNOWNTYPE_DURATION;
}

/// A message that JSON has as a text or a number.
bool is_single(const Descriptor& type) {
  return is_wrapper(type) || is_time(type) || type.well_known_type() == Descriptor::WELLKNOWNTYPE_FIELDMASK;
}

/// Of a field, or of what its wrapper holds.
FieldDescriptor::CppType type_of(const FieldDescriptor& field) {
  const auto* const type = field.message_type();
  return type != nullptr && is_wrapper(*type) ? type->field(0)->cpp_type() : field.cpp_type();
}

bool is_integer(const FieldDescriptor& field) {
  const auto type = type_of(field);
  return type == FieldDescriptor::CPPTYPE_INT32 || type == FieldDescriptor::CPPTYPE_INT64
         || type == FieldDescriptor::CPPTYPE_UINT32 || type == FieldDescriptor::CPPTYPE_UINT64;
}

bool is(const FieldDescriptor& field, Descriptor::WellKnownType known) {
  return field.message_type() != nullptr && field.message_type()->well_known_type() == known;
}

bool takes_lists(const FieldDescriptor& field) {
  return is(field, Descriptor::WELLKNOWNTYPE_VALUE) || is(field, Descriptor::WELLKNOWNTYPE_LISTVALUE);
}

bool takes_null(const FieldDescriptor& field) {
  return is(field, Descriptor::WELLKNOWNTYPE_VALUE)
         || (field.enum_type() != nullptr && field.enum_type()->full_name() == "google.protobuf.NullValue");
}

/// The field's name in JSON goes before that of another in the file, as it does in protobuf's parser.
const FieldDescriptor* field_of(const Descriptor& type, const std::string& key) {
  for (int number = 0; number < type.field_count(); ++number)
    if (type.field(number)->json_name() == key)
      return type.field(number);
  return type.FindFieldByName(key);
}

/// An integer with an exponent or a fraction, as JSON has them.
bool is_real_text(std::string_view text) {
  return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos
         && text.find_first_of(".eE") != std::string_view::npos && check_json(text, 1).has_value();
}

class shape_checker : public json_events {
public:
  shape_checker(std::string_view json, const Descriptor& type) : json_(json), type_(type) {}

  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
  [[nodiscard]] const std::vector<std::size_t>& quotes() const noexcept { return quotes_; }

  bool on_object_begin(code& failed) {
    const auto [field, of_list] = next();
    if (field == nullptr)
      return open_object(holders_.empty() ? &type_ : nullptr);
    if (field->is_map() && !of_list)
      return open({holder::kind::map, nullptr, field->message_type()->map_value()});
    if (field->is_repeated() && !of_list)
      return refuse("is no list", failed);
    const auto* const type = field->message_type();
    if (type != nullptr && is_single(*type))
      return refuse("is no " + type->full_name(), failed);
    return open_object(type);
  }
  bool on_object_end(std::size_t /*count*/, code& /*failed*/) { return close(); }
  bool on_array_begin(code& failed) {
    const auto [field, of_list] = next();
    if (field == nullptr || (takes_lists(*field) && (of_list || !field->is_repeated())))
      return open({holder::kind::anything, nullptr, nullptr});
    if (of_list)
      return refuse("holds a list", failed);
    return open({holder::kind::list, nullptr, field});
  }
  bool on_array_end(std::size_t /*count*/, code& /*failed*/) { return close(); }
  bool on_key_part(text part, std::size_t /*total*/, code& /*failed*/) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(text part, std::size_t /*total*/, code& /*failed*/) {
    key_.append(part.data(), part.size());
    if (auto& in = holders_.back(); in.is == holder::kind::object)
      in.next = field_of(*in.type, key_);
    key_.clear();
    return true;
  }
  bool on_string_part(text /*part*/, std::size_t /*total*/, code& /*failed*/) {
    escaped_ = true;
    return true;
  }
  bool on_string(text last, std::size_t /*total*/, code& failed) {
    const bool whole = !std::exchange(escaped_, false);
    const auto* const field = next().field;
    if (!is_value(failed))
      return false;
    if (field != nullptr && type_of(*field) == FieldDescriptor::CPPTYPE_BOOL)
      return refuse("is no bool", failed);
    if (whole && field != nullptr && is_integer(*field) && is_real_text({last.data(), last.size()}))
      note_quotes(last);
    return true;
  }
  bool on_number_part(text part, code& /*failed*/) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t /*value*/, text /*last*/, code& failed) {
    number_.clear();
    return is_value(failed);
  }
  bool on_uint64(std::uint64_t /*value*/, text /*last*/, code& failed) {
    number_.clear();
    return is_value(failed);
  }
  bool on_double(double /*value*/, text last, code& failed) {
    const auto number = std::exchange(number_, {}).append(last.data(), last.size());
    const auto* const field = next().field;
    if (!is_value(failed))
      return false;
    // Protobuf's parser would take the nearest number that it can hold.
    if (field != nullptr && is_integer(*field) && number.find_first_of(".eE") == std::string::npos)
      return refuse("is out of range", failed);
    return true;
  }
  bool on_bool(bool /*value*/, code& failed) { return is_value(failed); }
  bool on_null(code& failed) {
    const auto [field, of_list] = next();
    return field == nullptr || !of_list || takes_null(*field) || refuse("holds a null", failed);
  }

private:
  struct holder {
    enum class kind : std::uint8_t { object, map, list, anything } is;
    const Descriptor* type;      ///< of an object
    const FieldDescriptor* next; ///< to which the next value belongs; none where anything may stand
  };
  struct place {
    const FieldDescriptor* field;
    bool of_list; ///< or of a map: not the whole field
  };

  [[nodiscard]] place next() const {
    if (holders_.empty())
      return {nullptr, false};
    return {holders_.back().next, holders_.back().is != holder::kind::object};
  }
  bool open(holder in) {
    holders_.push_back(in);
    return true;
  }
  bool open_object(const Descriptor* type) {
    const bool known = type != nullptr && is_plain(*type);
    return open({known ? holder::kind::object : holder::kind::anything, known ? type : nullptr, nullptr});
  }
  bool close() {
    holders_.pop_back();
    return true;
  }
  bool is_value(code& failed) {
    const auto [field, of_list] = next();
    return field == nullptr || of_list || !field->is_repeated() || refuse("is no list", failed);
  }
  void note_quotes(text inside) {
    const auto at = static_cast<std::size_t>(inside.data() - json_.data()); // the parser copies only what is escaped
    quotes_.insert(quotes_.end(), {at - 1, at + inside.size()});
  }
  bool refuse(const std::string& reason, code& failed) {
    for (const auto& each : holders_)
      if (each.is == holder::kind::object)
        complaint_.append(complaint_.empty() ? "" : ".").append(each.next->json_name());
    complaint_.append(" ").append(reason);
    failed = boost::json::error::exception; // any: the complaint says why
    return false;
  }

  const std::string_view json_;
  const Descriptor& type_;
  std::vector<holder> holders_;
  std::string key_;
  std::string number_;
  bool escaped_ = false;
  std::string complaint_;
  std::vector<std::size_t> quotes_;
};

/// The ranges of timestamp.proto and duration.proto.
bool is_valid_time(const Message& time) {
  const auto* const type = time.GetDescriptor();
  const auto seconds = time.GetReflection()->GetInt64(time, type->FindFieldByNumber(1));
  const auto nanos = time.GetReflection()->GetInt32(time, type->FindFieldByNumber(2));
  constexpr std::int32_t second = 1'000'000'000;
  if (type->well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP)
    return seconds >= -62'135'596'800 && seconds <= 253'402'300'799 && nanos >= 0 && nanos < second;
  return seconds >= -315'576'000'000 && seconds <= 315'576'000'000 && nanos > -second && nanos < second
         && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0));
}

} // namespace

expected<std::vector<std::size_t>> check_shape(std::string_view json, const Descriptor& type) {
  boost::json::parse_options options;
  options.max_depth = std::numeric_limits<std::size_t>::max(); // the text was checked
  boost::json::basic_parser<shape_checker> parser{options, json, type};
  boost::json::error_code failed;
  parser.write_some(false, json.data(), json.size(), failed);
  if (const auto& complaint = parser.handler().complaint(); !complaint.empty())
    return failure{errc::invalid, complaint};
  return parser.handler().quotes();
}

bool has_valid_times(const Message& message) {
  if (is_time(*message.GetDescriptor()))
    return is_valid_time(message);
  const auto* const reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  return std::ranges::all_of(fields, [&](const FieldDescriptor* field) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      return true;
    if (!field->is_repeated())
      return has_valid_times(reflection->GetMessage(message, field));
    for (int index = 0; index != reflection->FieldSize(message, field); ++index)
      if (!has_valid_times(reflection->GetRepeatedMessage(message, field, index)))
        return false;
    return true;
  });
}

} // namespace troupe::contracts
