#include <troupe/messages/values/trace_context.hpp>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using sampling = trace_context::sampling;

bool any(std::span<const std::uint8_t> bytes) noexcept {
  return std::any_of(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
}

char* put_hex(char* out, std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto byte : bytes) {
    *out++ = digits[byte >> 4U];
    *out++ = digits[byte & 0x0fU];
  }
  return out;
}

/// The digits of an id.
template <std::size_t Bytes>
std::array<char, Bytes * 2> hex(const std::array<std::uint8_t, Bytes>& bytes) noexcept {
  std::array<char, Bytes * 2> text;
  put_hex(text.data(), bytes);
  return text;
}

template <std::size_t Length>
std::string_view view(const std::array<char, Length>& text) noexcept {
  return {text.data(), Length};
}

std::array<char, 55> traceparent_text(const trace_context& context) noexcept {
  std::array<char, 55> text;
  text.fill('-');
  auto* at = std::copy_n("00", 2, text.data()) + 1;
  at = put_hex(at, context.trace_id) + 1;
  at = put_hex(at, context.span_id) + 1;
  const auto sampled = context.decision == sampling::sampled || context.decision == sampling::debug;
  std::copy_n(sampled ? "01" : "00", 2, at);
  return text;
}

/// Random and not zero, which in an id means that there is none.
void draw(const random_source& random, std::span<std::uint8_t> out) {
  for (std::size_t at = 0; at < out.size(); at += 8) {
    const auto word = random();
    for (std::size_t i = 0; i < 8; ++i)
      out[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
  }
  if (!any(out))
    out.back() = 1;
}

} // namespace

bool trace_context::valid() const noexcept {
  return any(trace_id) && any(span_id);
}

void inject(const trace_context& context, header_list& headers) {
  std::erase_if(headers, [](const header& each) { return is_trace_header(each.name); });
  headers.reserve(headers.size() + 10);
  tell_headers(context, [&headers](const header_view& each) {
    headers.push_back({std::string{each.name}, std::string{each.value}});
  });
}

void tell_headers(const trace_context& context, const header_taker& to) {
  const auto add = [&to](std::string_view name, std::string_view value) {
    if (!value.empty())
      to({name, value});
  };
  const auto valid = context.valid();
  if (valid) {
    add(header_name::traceparent, view(traceparent_text(context)));
    add(header_name::tracestate, context.trace_state);
  }
  add(header_name::request_id, context.request_id);
  if (valid) {
    add(header_name::b3_trace_id, view(hex(context.trace_id)));
    add(header_name::b3_span_id, view(hex(context.span_id)));
    if (any(context.parent_span_id))
      add(header_name::b3_parent_span_id, view(hex(context.parent_span_id)));
  }
  const bool debug = context.decision == sampling::debug; // implies an accept decision, which B3 does not want beside it
  if (!debug && context.decision != sampling::deferred)
    add(header_name::b3_sampled, context.decision == sampling::sampled ? "1" : "0");
  if (debug || context.b3_flags_zero)
    add(header_name::b3_flags, debug ? "1" : "0");
  add(header_name::ot_span_context, context.ot_span_context);
}

trace_context new_trace(const random_source& random) {
  trace_context context;
  draw(random, context.trace_id);
  draw(random, context.span_id);
  context.request_id = random_uuid(random);
  context.here = trace_context::recording::begun;
  return context;
}

trace_context child_of(const trace_context& parent, const random_source& random) {
  auto context = parent;
  if (parent.valid()) {
    context.parent_span_id = parent.span_id;
  } else {
    draw(random, context.trace_id);
    context.parent_span_id = {};
    context.trace_state.clear();
    context.here = trace_context::recording::begun;
  }
  draw(random, context.span_id);
  return context;
}

std::string trace_id_text(const trace_context& context) {
  return std::string{view(hex(context.trace_id))};
}

std::string span_id_text(const trace_context& context) {
  return std::string{view(hex(context.span_id))};
}

} // namespace troupe
