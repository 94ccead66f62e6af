#include <troupe/messages/values/trace_bound.hpp>

#include <algorithm>

namespace troupe {

namespace {

// W3C asks that this much is passed on.
constexpr std::size_t least_trace_state = 512;
constexpr std::size_t longest_kept_entry = 128;

std::size_t size_of_all(const trace_context& context) {
  std::size_t total = 0;
  tell_headers(context, [&total](const header_view& each) { total += header_size(each); });
  return total;
}

std::size_t size_unless_empty(std::string_view name, std::string_view value) noexcept {
  return value.empty() ? 0 : header_size({name, value});
}

/// Leaves a text out unless it fits into what is left.
void keep_if_fits(std::string_view name, std::string& value, std::size_t& left) {
  const auto size = size_unless_empty(name, value);
  if (size > left)
    value.clear();
  else
    left -= size;
}

trace_context bounded(trace_context context) {
  auto request_id = std::move(context.request_id);
  auto span_context = std::move(context.ot_span_context);
  auto state = std::move(context.trace_state);
  context.request_id.clear();
  context.ot_span_context.clear();
  context.trace_state.clear();
  auto left = most_trace_bytes - size_of_all(context); // which have a fixed size, of some 400 bytes
  const auto frame = header_size({header_name::tracestate, {}});
  const auto reserved = std::min(size_unless_empty(header_name::tracestate, state), frame + least_trace_state);
  left -= reserved;
  keep_if_fits(header_name::request_id, request_id, left);
  keep_if_fits(header_name::ot_span_context, span_context, left);
  if (!state.empty())
    context.trace_state = newest_trace_state(state, left + reserved - frame);
  context.request_id = std::move(request_id);
  context.ot_span_context = std::move(span_context);
  return context;
}

} // namespace

std::string newest_trace_state(std::string_view text, std::size_t most) {
  if (text.size() <= most)
    return std::string{text};
  std::string kept;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto entry = text.substr(0, comma);
    if (kept.size() + (kept.empty() ? 0 : 1) + entry.size() <= most)
      kept.append(kept.empty() ? "" : ",").append(entry);
    else if (entry.size() <= longest_kept_entry)
      break;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return kept;
}

void write_bounded_headers(const trace_context& context, const header_taker& to) {
  constexpr std::size_t surely_fits = 1024; // beside what has a fixed size
  const bool small = context.trace_state.size() + context.request_id.size() + context.ot_span_context.size() <= surely_fits;
  if (small || size_of_all(context) <= most_trace_bytes)
    tell_headers(context, to);
  else
    tell_headers(bounded(context), to);
}

} // namespace troupe
