#include <troupe/bridges/http/dead_letter_codec.hpp>

#include <limits>
#include <optional>

#include <boost/json/parse.hpp>

#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/trace_context.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::http {

namespace {

constexpr std::int64_t most_at_once = 1000;

failure invalid(std::string reason) {
  return {errc::invalid, std::move(reason)};
}

expected<std::uint32_t> checked_limit(std::int64_t limit) {
  if (limit < 1 || limit > most_at_once)
    return invalid("limit is a number from 1 to " + std::to_string(most_at_once));
  return static_cast<std::uint32_t>(limit);
}

/// A number, or the text of one: JavaScript and jq round numbers above 2^53.
std::optional<std::int64_t> letter_number(const boost::json::value& value) {
  if (const auto* const text = value.if_string()) {
    const auto parsed = parse_number({text->data(), text->size()}, std::numeric_limits<std::int64_t>::max());
    return parsed ? std::optional{*parsed} : std::nullopt;
  }
  const auto* const number = value.if_int64();
  return number != nullptr && *number >= 0 ? std::optional{*number} : std::nullopt;
}

expected<void> take_numbers(redrive_dead_letters& into, const boost::json::value& value) {
  const auto* const list = value.if_array();
  if (list == nullptr || list->empty() || list->size() > static_cast<std::size_t>(most_at_once))
    return invalid("numbers is a list of 1 to " + std::to_string(most_at_once) + " numbers");
  for (const auto& each : *list) {
    const auto number = letter_number(each);
    if (!number)
      return invalid("numbers holds what is no number of a dead letter");
    into.numbers.push_back(*number);
  }
  return {};
}

expected<void> take_member(redrive_dead_letters& into, std::string_view name, const boost::json::value& value) {
  if (name == "source") {
    if (!value.is_string())
      return invalid("source is a text");
    into.source = value.get_string();
    return {};
  }
  if (name == "numbers")
    return take_numbers(into, value);
  if (name != "number" && name != "limit")
    return invalid("a redrive has source, number, numbers and limit, and no '" + std::string{name} + "'");
  if (name == "number") {
    const auto number = letter_number(value);
    if (!number)
      return invalid("number is no number of a dead letter");
    into.numbers.push_back(*number);
    return {};
  }
  if (!value.is_int64())
    return invalid("limit is a number");
  const auto limit = checked_limit(value.get_int64());
  if (!limit)
    return limit.error();
  into.limit = *limit;
  return {};
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

void append_headers(std::string& out, const header_list& headers) {
  out += R"(,"headers":[)";
  for (const auto& each : headers) {
    out += &each == headers.data() ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, each.name);
    append_text(out, "value", each.value);
    out += '}';
  }
  out += ']';
}

void append_payload(std::string& out, std::string_view payload) {
  if (is_utf8(payload))
    append_text(out, "payload", payload);
  else
    append_text(out, "payload_base64", to_base64(payload));
}

void append_letter(std::string& out, const numbered_dead_letter& numbered, std::size_t most_payload) {
  const auto& letter = numbered.letter;
  out += R"({"number":")" + std::to_string(numbered.number) + '"';
  append_text(out, "source", letter.from.source);
  append_number(out, "partition", letter.from.partition);
  append_number(out, "offset", letter.from.offset);
  append_text(out, "service", letter.service);
  append_text(out, "error", to_string(letter.why.code));
  append_text(out, "reason", letter.why.reason);
  append_number(out, "attempts", letter.attempts);
  append_text(out, "first_failure", to_rfc3339(letter.first_failure));
  append_text(out, "last_failure", to_rfc3339(letter.last_failure));
  append_text(out, "id", letter.content.id);
  if (letter.content.key)
    append_text(out, "key", *letter.content.key);
  append_text(out, "content_type", letter.content.content_type);
  if (letter.content.trace.valid())
    append_text(out, "trace", trace_id_text(letter.content.trace));
  append_headers(out, letter.content.headers);
  append_number(out, "payload_bytes", static_cast<std::int64_t>(letter.content.payload.size()));
  if (letter.content.payload.size() <= most_payload)
    append_payload(out, letter.content.payload);
  out += '}';
}

} // namespace

expected<list_dead_letters> decode_list(std::string_view query) {
  list_dead_letters result;
  auto source = query_value(query, "source");
  auto after = query_value(query, "after");
  auto limit = query_value(query, "limit");
  if (!source || !after || !limit)
    return invalid("the query is malformed");
  if (*source)
    result.source = std::move(**source);
  if (*after) {
    const auto number = parse_number(**after, std::numeric_limits<std::int64_t>::max());
    if (!number)
      return invalid("after: " + number.error().reason);
    result.after = *number;
  }
  if (*limit) {
    const auto number = parse_number(**limit, most_at_once);
    const auto checked = number ? checked_limit(*number) : expected<std::uint32_t>{number.error()};
    if (!checked)
      return invalid("limit is a number from 1 to " + std::to_string(most_at_once));
    result.limit = *checked;
  }
  return result;
}

expected<show_dead_letter> decode_show(std::string_view number) {
  const auto parsed = parse_number(number, std::numeric_limits<std::int64_t>::max());
  if (!parsed)
    return invalid("a dead letter has a number");
  return show_dead_letter{*parsed};
}

expected<redrive_dead_letters> decode_redrive(std::string_view body) {
  boost::system::error_code error;
  const auto value = boost::json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object())
    return invalid("the body is not a JSON object");
  redrive_dead_letters result;
  for (const auto& member : value.get_object()) {
    const auto key = member.key();
    if (auto taken = take_member(result, {key.data(), key.size()}, member.value()); !taken)
      return taken.error();
  }
  return result;
}

std::string to_json(const numbered_dead_letter& letter) {
  std::string out;
  append_letter(out, letter, std::numeric_limits<std::size_t>::max());
  return out;
}

std::string to_json(const dead_letter_page& page) {
  constexpr std::size_t most_payload = std::size_t{8} * 1024;
  std::string out = R"({"dead_letters":[)";
  for (const auto& letter : page.letters) {
    if (&letter != page.letters.data())
      out += ',';
    append_letter(out, letter, most_payload);
  }
  out += ']';
  if (!page.letters.empty())
    append_text(out, "next", std::to_string(page.letters.back().number));
  return out + '}';
}

std::string to_json(const redriven& done) {
  return R"({"redriven":)" + std::to_string(done.count) + '}';
}

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t offset) -> unsigned {
      return at + offset < bytes.size() ? static_cast<unsigned char>(bytes[at + offset]) : 0;
    };
    const auto group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += at + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  return out;
}

} // namespace troupe::http
