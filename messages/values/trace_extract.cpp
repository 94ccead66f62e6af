// The readers of the trace headers. trace_context.cpp writes them.
#include <troupe/messages/values/trace_context.hpp>
#include <troupe/messages/values/trace_id.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <troupe/messages/values/trace_bound.hpp>

namespace troupe {

namespace {

using sampling = trace_context::sampling;

enum name : std::size_t {
  traceparent,
  tracestate,
  b3_trace_id,
  b3_span_id,
  b3_parent,
  b3_sampled,
  b3_flags,
  b3,
  request_id,
  ot_span
};

// In the enum's order.
constexpr std::array names{
  header_name::traceparent,       header_name::tracestate,      header_name::b3_trace_id, header_name::b3_span_id,
  header_name::b3_parent_span_id, header_name::b3_sampled,      header_name::b3_flags,    header_name::b3,
  header_name::request_id,        header_name::ot_span_context,
};

/// What is carried along unread is not carried along without end: W3C asks for 512 bytes at least.
constexpr std::size_t most_unread = 4096;

std::optional<std::size_t> which(std::string_view header_name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].size() == header_name.size() && same_header_name(names[i], header_name))
      return i;
  return std::nullopt;
}

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Reads exactly as many lower-case digits as `out` has room for.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != out.size() * 2)
    return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_value(text[2 * i]);
    const auto low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

/// Printable ASCII only: a value from a message's headers must not end a header of a call.
bool may_travel(std::string_view value) noexcept {
  return value.size() <= most_unread && std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// Version 00 as https://www.w3.org/TR/trace-context/ has it; of higher ones, the part that 00 knows.
bool read_traceparent(std::string_view text, trace_context& out) noexcept {
  constexpr std::size_t length = 55;
  if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return false;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  if (!read_hex(text.substr(0, 2), version) || version[0] == 0xff || !read_hex(text.substr(3, 32), out.trace_id)
      || !read_hex(text.substr(36, 16), out.span_id) || !read_hex(text.substr(53, 2), flags) || !out.valid())
    return false;
  if (text.size() > length && (version[0] == 0 || text[length] != '-'))
    return false;
  out.decision = (flags[0] & 1U) != 0 ? sampling::sampled : sampling::dropped;
  return true;
}

/// 32 digits, or 16 that are padded on the left.
bool read_b3_trace_id(std::string_view text, trace_context& out) noexcept {
  out.trace_id = {};
  return text.size() == 16 ? read_hex(text, std::span{out.trace_id}.subspan<8>()) : read_hex(text, out.trace_id);
}

bool read_b3_state(std::string_view text, sampling& out) noexcept {
  if (text == "1" || text == "true" || text == "True")
    out = sampling::sampled;
  else if (text == "0" || text == "false" || text == "False")
    out = sampling::dropped;
  else
    return false;
  return true;
}

using found_headers = std::array<std::string_view, names.size()>;

bool has_b3_multi(const found_headers& found) noexcept {
  return !found[b3_trace_id].empty() || !found[b3_span_id].empty() || !found[b3_parent].empty() || !found[b3_sampled].empty()
         || !found[b3_flags].empty();
}

/// Both ids, or a decision alone.
bool read_b3_multi(const found_headers& found, trace_context& out) noexcept {
  if (!found[b3_sampled].empty() && !read_b3_state(found[b3_sampled], out.decision))
    return false;
  if (found[b3_flags] == "1")
    out.decision = sampling::debug;
  else if (!found[b3_flags].empty() && found[b3_flags] != "0")
    return false;
  if (found[b3_trace_id].empty() && found[b3_span_id].empty())
    return found[b3_parent].empty();
  return read_b3_trace_id(found[b3_trace_id], out) && read_hex(found[b3_span_id], out.span_id) && out.valid()
         && (found[b3_parent].empty() || read_hex(found[b3_parent], out.parent_span_id));
}

/// A decision alone, or trace id, span id, and then perhaps a decision, and then perhaps the parent, between hyphens.
bool read_b3_single(std::string_view text, trace_context& out) noexcept {
  std::array<std::string_view, 4> parts;
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == parts.size())
      return false;
    const auto hyphen = text.find('-');
    more = hyphen != std::string_view::npos;
    parts[count] = text.substr(0, hyphen);
    text.remove_prefix(more ? hyphen + 1 : text.size());
  }
  const auto state = count == 1 ? parts[0] : parts[2];
  if (state == "d")
    out.decision = sampling::debug;
  else if (state == "1" || state == "0")
    out.decision = state == "1" ? sampling::sampled : sampling::dropped;
  else if (count != 2)
    return false;
  if (count == 1)
    return true;
  return read_b3_trace_id(parts[0], out) && read_hex(parts[1], out.span_id) && out.valid()
         && (count < 4 || read_hex(parts[3], out.parent_span_id));
}

/// What B3 says of the span that W3C named: W3C has no word for a parent, for debug and for a decision not yet made.
void add_from_b3(const trace_context& source, trace_context& out) noexcept {
  if (source.trace_id != out.trace_id || source.span_id != out.span_id)
    return;
  out.parent_span_id = source.parent_span_id;
  if (source.decision == sampling::debug || (source.decision == sampling::deferred && out.decision == sampling::dropped))
    out.decision = source.decision;
}

/// Multi-header B3, else the single header. What is ill formed is as if it were not there.
trace_context read_b3(const found_headers& found, bool& malformed) noexcept {
  trace_context result;
  if (has_b3_multi(found)) {
    if (read_b3_multi(found, result))
      return result;
    malformed = true;
    result = {};
  }
  if (!found[b3].empty() && !read_b3_single(found[b3], result)) {
    malformed = true;
    result = {};
  }
  return result;
}

/// The headers' values by name: of several with one name the first, except that W3C joins those of `tracestate`.
struct collected {
  template <class Headers>
  explicit collected(const Headers& headers) {
    for (const auto& each : headers) {
      const auto index = which(each.name);
      if (!index || each.value.empty())
        continue;
      if (values[*index].empty())
        values[*index] = each.value;
      else if (*index == traceparent)
        contradictory = contradictory || values[traceparent] != each.value;
      else if (*index == tracestate)
        more_state.append(",").append(each.value);
    }
  }

  found_headers values{};
  std::string more_state;
  bool contradictory = false; ///< two values of `traceparent`
};

/// The value if it may travel on; otherwise nothing, and `malformed`.
std::string unread(std::string value, bool& malformed) {
  if (may_travel(value))
    return value;
  malformed = true;
  return {};
}

/// The same, but a state that is too long loses its oldest entries.
std::string unread_state(std::string value, bool& malformed) {
  auto newest = newest_trace_state(value, most_unread);
  return unread(newest.empty() ? std::move(value) : std::move(newest), malformed);
}

extracted_trace read(const collected& found) {
  const auto& values = found.values;
  extracted_trace result;
  auto& context = result.context;
  const auto fallback = read_b3(values, result.malformed);
  if (!values[traceparent].empty() && !found.contradictory && read_traceparent(values[traceparent], context)) {
    add_from_b3(fallback, context);
    context.trace_state = unread_state(std::string{values[tracestate]} + found.more_state, result.malformed);
  } else {
    result.malformed = result.malformed || !values[traceparent].empty();
    context = fallback;
  }
  context.b3_flags_zero = values[b3_flags] == "0";
  context.request_id = unread(std::string{values[request_id]}, result.malformed);
  context.ot_span_context = unread(std::string{values[ot_span]}, result.malformed);
  return result;
}

} // namespace

std::optional<std::array<std::uint8_t, 16>> read_trace_id(std::string_view text) noexcept {
  std::array<std::uint8_t, 16> result{};
  if (!read_hex(text, result) || result == std::array<std::uint8_t, 16>{})
    return std::nullopt;
  return result;
}

bool is_trace_header(std::string_view name) noexcept {
  return which(name).has_value();
}

extracted_trace extract(const header_list& headers) {
  return read(collected{headers});
}

extracted_trace extract(std::span<const header_view> headers) {
  return read(collected{headers});
}

} // namespace troupe
