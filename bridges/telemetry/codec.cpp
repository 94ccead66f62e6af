#include <algorithm>
#include <array>
#include <charconv>

#include <troupe/bridges/telemetry/codec.hpp>
#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/trace_context.hpp>
#include <troupe/messages/values/utf8.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::telemetry {

namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const auto digits = std::to_string(value);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

// What is left of a text after `text_bytes`, and the words for the rest.
std::string abridged(std::string_view text, std::size_t text_bytes) {
  const auto kept = cut(text, text_bytes);
  std::string result{kept};
  result += " [";
  append_number(result, text.size() - kept.size());
  result += " more bytes]";
  return result;
}

// Calls `append` with the text, cut when it is too long.
template <class Append>
void with_text(std::string_view text, std::size_t text_bytes, Append append) {
  if (text.size() <= text_bytes)
    append(text);
  else
    append(abridged(text, text_bytes));
}

void append_member(std::string& out, std::string_view prefix, std::string_view value) {
  if (value.empty())
    return;
  out += prefix;
  append_json_string(out, value);
}

struct level_mark {
  char letter;
  std::string_view colour; // ECMA-48, SGR
};

level_mark mark_of(severity level) noexcept {
  switch (level) {
    case severity::trace:
      return {'T', "\x1b[2m"};
    case severity::debug:
      return {'D', "\x1b[36m"};
    case severity::info:
      return {'I', "\x1b[32m"};
    case severity::warning:
      return {'W', "\x1b[33m"};
    case severity::error:
      break;
  }
  return {'E', "\x1b[1;31m"};
}

void append_time_of_day(std::string& out, timestamp at, std::chrono::seconds zone) {
  const auto local = at + zone;
  const std::chrono::hh_mm_ss time{
    std::chrono::floor<std::chrono::milliseconds>(local - std::chrono::floor<std::chrono::days>(local))};
  append_padded(out, time.hours().count(), 2);
  out += ':';
  append_padded(out, time.minutes().count(), 2);
  out += ':';
  append_padded(out, time.seconds().count(), 2);
  out += '.';
  append_padded(out, time.subseconds().count(), 3);
}

constexpr std::string_view operator_word = "operator";

// The length of a word with parentheses that hold no parameters, at the beginning of the text; otherwise 0.
std::size_t other_parentheses(std::string_view text) noexcept {
  for (const std::string_view word : {"(anonymous namespace)", "decltype(auto)"})
    if (text.starts_with(word))
      return word.size();
  return 0;
}

bool names_operator(std::string_view text, std::size_t at) noexcept {
  const auto in_identifier = [text](std::size_t i) {
    const auto c = text[i];
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  const auto end = at + operator_word.size();
  return text.substr(at).starts_with(operator_word) && (at == 0 || !in_identifier(at - 1))
         && (end == text.size() || !in_identifier(end));
}

std::size_t operator_end(std::string_view text) noexcept {
  const auto is_call = text.starts_with("operator()");
  return std::min(text.size(), text.find('(', is_call ? operator_word.size() + 2 : operator_word.size()));
}

} // namespace

std::string to_json(const log_entry& entry, std::size_t text_bytes) {
  std::string out;
  out.reserve(320 + std::min(entry.text.size(), text_bytes));
  out += R"({"time":")";
  out += to_rfc3339(entry.at);
  out += R"(","level":")";
  out += to_string(entry.level);
  out += R"(","function":)";
  append_json_string(out, function_name(entry.where.function_name()));
  out += R"(,"line":")";
  append_number(out, entry.where.line());
  out += R"(","msg":)";
  with_text(entry.text, text_bytes, [&out](std::string_view text) { append_json_string(out, text); });
  append_member(out, R"(,"service":)", cut(entry.who.service, text_bytes));
  append_member(out, R"(,"actor":)", cut(entry.who.actor, text_bytes));
  if (entry.who.trace != nullptr && entry.who.trace->valid()) {
    append_member(out, R"(,"trace_id":)", trace_id_text(*entry.who.trace));
    append_member(out, R"(,"span_id":)", span_id_text(*entry.who.trace));
  }
  out += '}';
  return out;
}

std::string to_human(const log_entry& entry, std::size_t text_bytes, std::chrono::seconds zone, paint colour) {
  std::string out;
  out.reserve(96 + std::min(entry.text.size(), text_bytes));
  append_time_of_day(out, entry.at, zone);
  const auto mark = mark_of(entry.level);
  out += ' ';
  if (colour == paint::coloured)
    out += mark.colour;
  out += mark.letter;
  if (colour == paint::coloured)
    out += "\x1b[0m";
  out += ' ';
  append_visible(out, cut(entry.who.service, text_bytes));
  if (!entry.who.service.empty() && !entry.who.actor.empty())
    out += '/';
  append_visible(out, cut(entry.who.actor, text_bytes));
  if (!entry.who.service.empty() || !entry.who.actor.empty())
    out += "  ";
  with_text(entry.text, text_bytes, [&out](std::string_view text) { append_visible(out, text); });
  return out;
}

std::string_view function_name(std::string_view pretty) noexcept {
  // The parameters begin at the first parenthesis outside template arguments; the name behind the last blank before it.
  std::size_t begin = 0;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < pretty.size(); ++i) {
    const auto rest = pretty.substr(i);
    if (const auto other = other_parentheses(rest); other != 0)
      i += other - 1;
    else if (depth == 0 && names_operator(pretty, i))
      return pretty.substr(begin, operator_end(rest) + i - begin);
    else if (rest[0] == '<')
      ++depth;
    else if (rest[0] == '>' && depth > 0)
      --depth;
    else if (rest[0] == '(' && depth == 0)
      return pretty.substr(begin, i - begin);
    else if (rest[0] == ' ' && depth == 0)
      begin = i + 1;
  }
  return pretty.substr(begin);
}

} // namespace troupe::telemetry
