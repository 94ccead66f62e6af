// What is read. json.cpp holds the writers.
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include <troupe/messages/values/json.hpp>

namespace troupe {

namespace {

namespace json = boost::json;

/// No transport hands out more; the limit keeps a reader's memory in proportion for every caller.
constexpr std::size_t most_text = std::size_t{16} << 20U;
constexpr std::size_t most_depth = 16;

/// Room for the values of an ordinary answer, so that reading one allocates nothing but the result.
using scratch = std::array<unsigned char, 8192>;

failure undecodable(std::string_view place, std::string_view why) {
  std::string reason{place};
  if (!place.empty())
    reason += ": ";
  reason += why;
  return {errc::undecodable, std::move(reason)};
}

expected<json::value> parse(std::string_view text, json::storage_ptr memory) {
  if (text.size() > most_text)
    return undecodable("", "longer than 16 MiB");
  json::parse_options options;
  options.max_depth = most_depth;
  std::array<unsigned char, 1024> stack{};
  json::parser parser{{}, options, stack.data(), stack.size()};
  parser.reset(std::move(memory));
  json::error_code error;
  const auto read = parser.write(text.data(), text.size(), error);
  if (error == json::error::too_deep)
    return undecodable("byte " + std::to_string(read + 1), "nested deeper than " + std::to_string(most_depth) + " levels");
  if (error)
    return undecodable("byte " + std::to_string(read + 1), error.message());
  return parser.release();
}

std::string_view kind_name(const json::value& value) noexcept {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "nothing";
}

failure wrong_kind(const std::string& place, std::string_view wanted, const json::value& found) {
  std::string why{"expected "};
  why += wanted;
  why += ", found ";
  why += kind_name(found);
  return undecodable(place, why);
}

std::string member_of(const std::string& place, std::string_view key) {
  return place.empty() ? std::string{key} : place + '.' + std::string{key};
}

expected<greeting> read_greeting(const json::value& value, const std::string& place) {
  const auto* object = value.if_object();
  if (object == nullptr)
    return wrong_kind(place, "an object", value);
  greeting result;
  const std::array<std::pair<std::string_view, std::string*>, 4> texts{
    {{"id", &result.id}, {"service", &result.service}, {"message", &result.message}, {"hostname", &result.hostname}}};
  for (const auto& [key, target] : texts)
    if (const auto* member = object->if_contains({key.data(), key.size()})) {
      const auto* string = member->if_string();
      if (string == nullptr)
        return wrong_kind(member_of(place, key), "a string", *member);
      target->assign(string->data(), string->size());
    }
  if (result.id.empty())
    return undecodable(member_of(place, "id"), "missing");
  const auto* created = object->if_contains("created");
  if (created == nullptr)
    return undecodable(member_of(place, "created"), "missing");
  const auto* string = created->if_string();
  if (string == nullptr)
    return wrong_kind(member_of(place, "created"), "a string", *created);
  const auto at = parse_timestamp({string->data(), string->size()});
  if (!at)
    return undecodable(member_of(place, "created"), at.error().reason);
  result.created = *at;
  return result;
}

expected<std::vector<greeting>> read_greetings(const json::value& value, const std::string& place) {
  const auto* array = value.if_array();
  if (array == nullptr)
    return wrong_kind(place, "an array", value);
  std::vector<greeting> result;
  result.reserve(array->size());
  for (const auto& each : *array) {
    auto read = read_greeting(each, place + '[' + std::to_string(result.size()) + ']');
    if (!read)
      return read.error();
    result.push_back(std::move(*read));
  }
  return result;
}

} // namespace

expected<greeting> greeting_from_json(std::string_view text) {
  scratch buffer;
  json::monotonic_resource memory{buffer.data(), buffer.size()};
  const auto value = parse(text, &memory);
  if (!value)
    return value.error();
  return read_greeting(*value, {});
}

expected<std::vector<greeting>> greetings_from_json(std::string_view text) {
  scratch buffer;
  json::monotonic_resource memory{buffer.data(), buffer.size()};
  const auto value = parse(text, &memory);
  if (!value)
    return value.error();
  const auto* object = value->if_object();
  if (object == nullptr)
    return read_greetings(*value, {});
  const auto* member = object->if_contains("greeting");
  if (member != nullptr)
    return read_greetings(*member, "greeting");
  // A gateway leaves an empty list out; an object with something else in it is no answer of one.
  if (!object->empty())
    return undecodable("greeting", "missing");
  return std::vector<greeting>{};
}

} // namespace troupe
