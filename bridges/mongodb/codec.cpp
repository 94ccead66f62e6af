#include <troupe/bridges/mongodb/codec.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <troupe/bridges/mongodb/extended_json.hpp>

namespace troupe::mongodb {

namespace {

namespace json = boost::json;

// https://www.mongodb.com/docs/manual/reference/limits/
constexpr std::size_t most_depth = 100;
constexpr std::size_t longest_database = 63;
constexpr std::size_t longest_namespace = 255;

failure refused(std::string why) {
  return {errc::rejected, std::move(why)};
}

bool has_nul(std::string_view text) noexcept {
  return text.find('\0') != std::string_view::npos;
}

int length_of(std::string_view text) noexcept {
  return static_cast<int>(text.size()); // of texts that fit into the largest document
}

expected<void> check_names(const document& source) {
  if (source.id.empty())
    return refused("a document needs an id");
  if (!bson_utf8_validate(source.id.data(), source.id.size(), true))
    return refused("an id is UTF-8, and this one is not");
  if (source.database.empty() || source.collection.empty())
    return refused("a document needs a database and a collection");
  if (source.database.size() > longest_database || has_nul(source.database)
      || source.database.find_first_of("/\\. \"$") != std::string::npos)
    return refused("'" + source.database + "' is not a database name");
  if (source.database.size() + 1 + source.collection.size() > longest_namespace || has_nul(source.collection)
      || source.collection.find('$') != std::string::npos)
    return refused("'" + source.collection + "' is not a collection name");
  return {};
}

/// Appends JSON as BSON. What libbson refuses would be larger than any document.
class writer {
public:
  expected<void> members(bson_t& to, const json::object& from) {
    for (const auto& [key, value] : from)
      if (auto done = member(to, {key.data(), key.size()}, value); done.has_error())
        return done;
    return {};
  }

private:
  expected<void> member(bson_t& to, std::string_view name, const json::value& value) {
    if (has_nul(name))
      return refused(path_of(name) + ": a name with a NUL");
    switch (value.kind()) {
      case json::kind::object:
        return object(to, name, value.get_object());
      case json::kind::array:
        return array(to, name, value.get_array());
      default:
        return scalar(to, name, value) ? expected<void>{} : too_large(name);
    }
  }

  static bool scalar(bson_t& to, std::string_view name, const json::value& value) {
    const auto* const key = name.data();
    const auto size = length_of(name);
    switch (value.kind()) {
      case json::kind::bool_:
        return bson_append_bool(&to, key, size, value.get_bool());
      case json::kind::int64:
        return integer(to, name, value.get_int64());
      case json::kind::uint64: // parsed as such only beyond int64
        return bson_append_double(&to, key, size, static_cast<double>(value.get_uint64()));
      case json::kind::double_:
        return bson_append_double(&to, key, size, value.get_double());
      case json::kind::string:
        return bson_append_utf8(&to, key, size, value.get_string().data(), static_cast<int>(value.get_string().size()));
      default:
        return bson_append_null(&to, key, size);
    }
  }

  // As the relaxed form has it: an int32 where it fits.
  static bool integer(bson_t& to, std::string_view name, std::int64_t value) {
    using limits = std::numeric_limits<std::int32_t>;
    return value >= limits::min() && value <= limits::max()
             ? bson_append_int32(&to, name.data(), length_of(name), static_cast<std::int32_t>(value))
             : bson_append_int64(&to, name.data(), length_of(name), value);
  }

  expected<void> object(bson_t& to, std::string_view name, const json::object& value) {
    if (is_extended(value)) {
      auto done = append_extended(to, name, value);
      return done.has_error() ? refused(path_of(name) + ": " + done.error().reason) : done;
    }
    bson_t inner;
    if (!bson_append_document_begin(&to, name.data(), length_of(name), &inner))
      return too_large(name);
    path_.emplace_back(name);
    auto done = members(inner, value);
    path_.pop_back();
    return bson_append_document_end(&to, &inner) || done.has_error() ? done : too_large(name);
  }

  expected<void> array(bson_t& to, std::string_view name, const json::array& value) {
    bson_t inner;
    if (!bson_append_array_begin(&to, name.data(), length_of(name), &inner))
      return too_large(name);
    path_.emplace_back(name);
    expected<void> done;
    for (std::size_t i = 0; i < value.size() && done.has_value(); ++i)
      done = member(inner, std::to_string(i), value[i]);
    path_.pop_back();
    return bson_append_array_end(&to, &inner) || done.has_error() ? done : too_large(name);
  }

  [[nodiscard]] std::string path_of(std::string_view name) const {
    std::string result;
    for (const auto& each : path_)
      result.append(each).append(".");
    return result.append(name);
  }

  [[nodiscard]] failure too_large(std::string_view name) const { return refused(path_of(name) + ": too large"); }

  std::vector<std::string_view> path_; ///< names in the body, which outlives this; an index is in `array`'s hands
};

expected<json::value> parse(const std::string& body, json::monotonic_resource& memory) {
  json::parse_options options;
  options.max_depth = most_depth;
  boost::system::error_code problem;
  auto value = json::parse(body, problem, &memory, options);
  if (problem == json::error::too_deep)
    return refused("the body is nested deeper than " + std::to_string(most_depth) + " levels");
  if (problem)
    return refused("the body is not JSON: " + problem.message());
  if (!value.is_object())
    return refused("the body is not a JSON object");
  return value;
}

} // namespace

expected<bson_document> encode(const document& source, std::size_t largest) {
  if (auto names = check_names(source); names.has_error())
    return names.error();
  if (source.body.size() > largest || source.id.size() > largest)
    return refused("the document is larger than " + std::to_string(largest) + " bytes");
  json::monotonic_resource memory;
  auto body = parse(source.body, memory);
  if (body.has_error())
    return body.error();
  auto& members = body->get_object();
  if (const auto* own = members.if_contains("_id"); own != nullptr) {
    if (!own->is_string() || own->get_string() != source.id)
      return refused("_id: the body has an id that is not the message's own");
    members.stable_erase(members.find("_id"));
  }
  bson_document result;
  if (!bson_append_utf8(&*result, "_id", 3, source.id.data(), length_of(source.id)))
    return refused("the id is too large");
  if (auto done = writer{}.members(*result, members); done.has_error())
    return done.error();
  if (result->len > largest)
    return refused("the document has " + std::to_string(result->len) + " bytes in BSON, and " + std::to_string(largest)
                   + " are allowed");
  return result;
}

} // namespace troupe::mongodb
