#include <troupe/messages/values/span_record.hpp>

#include <troupe/messages/values/utf8.hpp>

namespace troupe {

std::string_view to_string(span_kind kind) noexcept {
  switch (kind) {
    case span_kind::server:
      return "server";
    case span_kind::client:
      return "client";
    case span_kind::producer:
      return "producer";
    case span_kind::consumer:
      return "consumer";
    default:
      return "internal";
  }
}

std::string bounded_attribute(std::string text) {
  text.resize(cut(text, longest_attribute).size());
  return text;
}

std::size_t span_record::size() const noexcept {
  auto total = sizeof(span_record) + name.size() + service.size() + outcome.reason.size() + outcome.status.size()
               + context.trace_state.size() + context.request_id.size() + context.ot_span_context.size()
               + links.size() * sizeof(span_link) + attributes.size() * sizeof(span_attribute);
  for (const auto& each : attributes)
    if (const auto* const text = std::get_if<std::string>(&each.value))
      total += text->size();
  return total;
}

} // namespace troupe
