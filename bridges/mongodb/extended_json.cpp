#include <troupe/bridges/mongodb/extended_json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include <troupe/messages/values/time.hpp>

namespace troupe::mongodb {

namespace {

namespace json = boost::json;

/// Where a value goes.
struct slot {
  bson_t& to;
  const char* name;
  int size;
};

std::optional<std::string_view> text_of(const json::value& value) noexcept {
  const auto* text = value.if_string();
  return text == nullptr ? std::nullopt : std::optional{std::string_view{text->data(), text->size()}};
}

template <class T>
std::optional<T> number_of(std::string_view text) noexcept {
  T result{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), result);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional{result} : std::nullopt;
}

template <class T>
std::optional<T> number_of(const json::value& value) noexcept {
  const auto text = text_of(value);
  return text ? number_of<T>(*text) : std::nullopt;
}

// The civil calendar repeats itself after 400 years, and only some of them are within reach of a timestamp.
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
  constexpr int cycle = 400;
  constexpr int first = 1800;
  constexpr std::int64_t cycle_length = std::int64_t{146'097} * 86'400'000;
  if (text.size() < 4)
    return std::nullopt;
  const auto year = number_of<int>(text.substr(0, 4));
  if (!year || *year < 0)
    return std::nullopt;
  const int within = first + ((*year - first) % cycle + cycle) % cycle;
  const auto read = parse_timestamp(std::to_string(within) + std::string{text.substr(4)});
  if (read.has_error())
    return std::nullopt;
  const auto since = std::chrono::floor<std::chrono::milliseconds>(*read).time_since_epoch().count();
  return since + (*year - within) / cycle * cycle_length;
}

bool append_date(const slot& at, const json::value& value) {
  std::optional<std::int64_t> since;
  if (const auto text = text_of(value))
    since = milliseconds_of(*text);
  else if (const auto* whole = value.if_object(); whole != nullptr && whole->size() == 1)
    if (const auto* inner = whole->if_contains("$numberLong"))
      since = number_of<std::int64_t>(*inner);
  return since && bson_append_date_time(&at.to, at.name, at.size, *since);
}

bool append_oid(const slot& at, const json::value& value) {
  const auto text = text_of(value);
  if (!text || !bson_oid_is_valid(text->data(), text->size()) || text->size() != 24)
    return false;
  bson_oid_t id;
  bson_oid_init_from_string(&id, std::string{*text}.c_str());
  return bson_append_oid(&at.to, at.name, at.size, &id);
}

bool append_int(const slot& at, const json::value& value) {
  const auto number = number_of<std::int32_t>(value);
  return number && bson_append_int32(&at.to, at.name, at.size, *number);
}

bool append_long(const slot& at, const json::value& value) {
  const auto number = number_of<std::int64_t>(value);
  return number && bson_append_int64(&at.to, at.name, at.size, *number);
}

bool append_double(const slot& at, const json::value& value) {
  const auto text = text_of(value);
  if (!text)
    return false;
  auto number = number_of<double>(*text);
  if (!number || !std::isfinite(*number)) { // spelled as the specification has it, and not otherwise
    using limits = std::numeric_limits<double>;
    number.reset();
    if (*text == "Infinity" || *text == "-Infinity")
      number = text->front() == '-' ? -limits::infinity() : limits::infinity();
    else if (*text == "NaN")
      number = limits::quiet_NaN();
  }
  return number && bson_append_double(&at.to, at.name, at.size, *number);
}

bool append_decimal(const slot& at, const json::value& value) {
  const auto text = text_of(value);
  bson_decimal128_t number;
  return text && bson_decimal128_from_string_w_len(text->data(), static_cast<int>(text->size()), &number)
         && bson_append_decimal128(&at.to, at.name, at.size, &number);
}

constexpr int sextet_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// RFC 4648, section 4.
std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view base64) {
  if (base64.size() % 4 != 0)
    return std::nullopt;
  for (int i = 0; i < 2 && base64.ends_with('='); ++i)
    base64.remove_suffix(1);
  std::vector<std::uint8_t> result;
  result.reserve(base64.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : base64) {
    const auto sextet = sextet_of(c);
    if (sextet < 0)
      return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(sextet);
    held += 6;
    if (held >= 8) {
      held -= 8;
      result.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return result;
}

bool append_binary(const slot& at, const json::value& value) {
  const auto* whole = value.if_object();
  if (whole == nullptr || whole->size() != 2 || !whole->contains("base64") || !whole->contains("subType"))
    return false;
  const auto base64 = text_of(whole->at("base64"));
  const auto kind = text_of(whole->at("subType"));
  if (!base64 || !kind || kind->empty() || kind->size() > 2)
    return false;
  unsigned subtype = 0;
  const auto [end, problem] = std::from_chars(kind->data(), kind->data() + kind->size(), subtype, 16);
  const auto bytes = bytes_of(*base64);
  if (problem != std::errc{} || end != kind->data() + kind->size() || !bytes)
    return false;
  return bson_append_binary(&at.to, at.name, at.size, static_cast<bson_subtype_t>(subtype), bytes->data(),
                            static_cast<std::uint32_t>(bytes->size()));
}

struct extended_kind {
  std::string_view key;
  bool (*append)(const slot&, const json::value&); ///< null: not kept
};

constexpr std::array kinds{
  extended_kind{"$date", append_date},
  extended_kind{"$oid", append_oid},
  extended_kind{"$numberInt", append_int},
  extended_kind{"$numberLong", append_long},
  extended_kind{"$numberDouble", append_double},
  extended_kind{"$numberDecimal", append_decimal},
  extended_kind{"$binary", append_binary},
  extended_kind{"$uuid", nullptr},
  extended_kind{"$regularExpression", nullptr},
  extended_kind{"$timestamp", nullptr},
  extended_kind{"$code", nullptr},
  extended_kind{"$symbol", nullptr},
  extended_kind{"$dbPointer", nullptr},
  extended_kind{"$undefined", nullptr},
  extended_kind{"$minKey", nullptr},
  extended_kind{"$maxKey", nullptr},
};

const extended_kind* kind_of(const json::object& value) noexcept {
  if (value.empty())
    return nullptr;
  const auto key = value.begin()->key();
  const auto* const found = std::ranges::find(kinds, std::string_view{key.data(), key.size()}, &extended_kind::key);
  return found == kinds.end() ? nullptr : found;
}

} // namespace

bool is_extended(const json::object& value) noexcept {
  return kind_of(value) != nullptr;
}

expected<void> append_extended(bson_t& to, std::string_view name, const json::object& value) {
  const auto& kind = *kind_of(value);
  const std::string key{kind.key};
  if (kind.append == nullptr)
    return failure{errc::rejected, "values of the kind " + key + " are not kept"};
  if (value.size() != 1 || !kind.append({to, name.data(), static_cast<int>(name.size())}, value.begin()->value()))
    return failure{errc::rejected, "not a " + key + " of extended JSON"};
  return {};
}

} // namespace troupe::mongodb
