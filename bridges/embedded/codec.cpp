#include <troupe/bridges/embedded/codec.hpp>

#include <charconv>
#include <span>
#include <utility>

namespace troupe::embedded {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t trace_head = 32 + 16 + 16 + 1;
constexpr std::int64_t row_overhead = 64; // of a row, beside its own bytes, roughly; as in the SQL form

void append_counted(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

std::size_t counted_size(std::string_view text) noexcept {
  std::size_t length_digits = 1;
  for (auto rest = text.size() / 10; rest > 0; rest /= 10)
    ++length_digits;
  return length_digits + 1 + text.size();
}

// Takes one counted text off the front; false where there is none.
bool take_counted(std::string_view& in, std::string_view& text) noexcept {
  std::size_t length = 0;
  const auto [end, problem] = std::from_chars(in.data(), in.data() + in.size(), length);
  if (problem != std::errc{} || end == in.data() + in.size() || *end != ':')
    return false;
  const auto head = static_cast<std::size_t>(end - in.data()) + 1;
  if (length > in.size() - head)
    return false;
  text = in.substr(head, length);
  in.remove_prefix(head + length);
  return true;
}

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  for (const auto each : bytes) {
    out += digits[each >> 4U];
    out += digits[each & 15U];
  }
}

bool take_hex(std::string_view& in, std::span<std::uint8_t> bytes) noexcept {
  for (auto& each : bytes) {
    const auto high = digits.find(in[0]);
    const auto low = digits.find(in[1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return false;
    each = static_cast<std::uint8_t>(high << 4U | low);
    in.remove_prefix(2);
  }
  return true;
}

failure damaged(const char* part) {
  return {errc::undecodable, std::string{"the stored "} + part + " are damaged"};
}

} // namespace

std::string encode_headers(const header_list& headers) {
  std::string out;
  for (const auto& each : headers) {
    append_counted(out, each.name);
    append_counted(out, each.value);
  }
  return out;
}

expected<header_list> decode_headers(std::string_view text) {
  header_list headers;
  while (!text.empty()) {
    std::string_view name;
    std::string_view value;
    if (!take_counted(text, name) || !take_counted(text, value))
      return damaged("headers");
    headers.push_back({std::string{name}, std::string{value}});
  }
  return headers;
}

std::string encode_trace(const trace_context& context) {
  if (context == trace_context{})
    return {};
  std::string out;
  out.reserve(trace_head + 8 + context.trace_state.size() + context.request_id.size() + context.ot_span_context.size());
  append_hex(out, context.trace_id);
  append_hex(out, context.span_id);
  append_hex(out, context.parent_span_id);
  out += digits[static_cast<std::size_t>(context.decision)];
  append_counted(out, context.trace_state);
  append_counted(out, context.request_id);
  append_counted(out, context.ot_span_context);
  return out;
}

expected<trace_context> decode_trace(std::string_view text) {
  trace_context context;
  if (text.empty())
    return context;
  if (text.size() < trace_head || !take_hex(text, context.trace_id) || !take_hex(text, context.span_id)
      || !take_hex(text, context.parent_span_id))
    return damaged("trace ids");
  const auto decision = digits.find(text.front());
  if (decision > static_cast<std::size_t>(trace_context::sampling::debug))
    return damaged("trace decisions");
  context.decision = static_cast<trace_context::sampling>(decision);
  text.remove_prefix(1);
  for (auto* part : {&context.trace_state, &context.request_id, &context.ot_span_context}) {
    std::string_view found;
    if (!take_counted(text, found))
      return damaged("trace parts");
    *part = found;
  }
  return text.empty() ? expected<trace_context>{std::move(context)} : damaged("trace parts");
}

expected<message> decode(const sqlite::row& from, int first) {
  auto headers = decode_headers(from.text(first + 3));
  if (headers.has_error())
    return headers.error();
  auto trace = decode_trace(from.text(first + 4));
  if (trace.has_error())
    return trace.error();
  message found;
  found.id = from.text(first);
  if (!from.null(first + 1))
    found.key = from.text(first + 1);
  found.content_type = from.text(first + 2);
  found.headers = std::move(*headers);
  found.trace = std::move(*trace);
  found.payload = from.text(first + 5);
  return found;
}

std::string id_of(const origin& from) {
  return from.source + '-' + std::to_string(from.partition) + '-' + std::to_string(from.offset);
}

std::int64_t weight_of(const message& content) noexcept {
  auto bytes = content.id.size() + content.content_type.size() + content.payload.size();
  if (content.key)
    bytes += content.key->size();
  for (const auto& each : content.headers)
    bytes += counted_size(each.name) + counted_size(each.value);
  return static_cast<std::int64_t>(bytes) + row_overhead;
}

} // namespace troupe::embedded
