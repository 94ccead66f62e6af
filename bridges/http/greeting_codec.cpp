#include <troupe/bridges/http/greeting_codec.hpp>

#include <algorithm>
#include <array>

#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::http {

namespace {

// What `troupe::extract` reads. Everything else stays where it is, uncopied.
constexpr std::array<std::string_view, 9> trace_headers{"traceparent",  "tracestate",  "b3",
                                                        "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid",
                                                        "x-b3-sampled", "x-b3-flags",  "x-ot-span-context"};

header_list trace_headers_of(const request& incoming) {
  header_list result;
  for (const auto& each : incoming.headers) {
    const auto matches = [&each](std::string_view name) { return same_header_name(name, each.name); };
    if (std::any_of(trace_headers.begin(), trace_headers.end(), matches))
      result.push_back({std::string{each.name}, std::string{each.value}});
  }
  if (!incoming.request_id.empty())
    result.push_back({"x-request-id", std::string{incoming.request_id}});
  return result;
}

void begin_or_continue_trace(const request& incoming, const random_source& random, greeting_call& call) {
  const auto headers = trace_headers_of(incoming);
  auto found = headers.empty() ? extracted_trace{} : extract(headers);
  if (found.context.valid()) {
    call.origin = trace_origin::caller;
    call.ask.trace = std::move(found.context);
    return;
  }
  call.origin = found.malformed ? trace_origin::malformed : trace_origin::none;
  call.ask.trace = new_trace(random);
  if (!found.context.request_id.empty())
    call.ask.trace.request_id = std::move(found.context.request_id);
  call.ask.trace.ot_span_context = std::move(found.context.ot_span_context);
}

} // namespace

expected<greeting_call> decode_greeting_call(const request& incoming, const greeting_terms& terms, instant now,
                                             const random_source& random) {
  greeting_call call;
  call.ask.order = terms.order;
  if (const auto chosen = incoming.header(header_name::order)) {
    const auto order = greeting_order_from_string(*chosen);
    if (!order)
      return failure{errc::invalid, "troupe-greeting-order is neither pre nor post"};
    call.ask.order = *order;
  }
  auto remaining = terms.at_most;
  if (const auto text = incoming.header(header_name::timeout)) {
    const auto timeout = parse_grpc_timeout(*text);
    if (!timeout)
      return failure{errc::invalid, "troupe-timeout is not like 500m or 5S"};
    if (*timeout <= duration::zero())
      return failure{errc::deadline_exceeded, "the caller has no time left"};
    remaining = std::min(remaining, *timeout);
  }
  call.ask.answer_by = deadline::after(remaining, now);
  if (const auto id = incoming.header(header_name::call_id)) {
    if (!is_uuid(*id))
      return failure{errc::invalid, "troupe-call-id is not a UUID"};
    call.ask.call_id = *id;
  } else {
    call.ask.call_id = random_uuid(random);
  }
  begin_or_continue_trace(incoming, random, call);
  return call;
}

response encode_greeting_answer(const greeting_answer& answer, greeting_form form, greeting_order order) {
  response result;
  result.content_type = media_type::json;
  const auto greetings = flatten(answer.tree, order);
  result.body = form == greeting_form::gateway ? gateway_to_json(greetings) : greetings_to_json(greetings);
  if (!answer.complete())
    result.headers.push_back({std::string{header_name::missing}, missing_header(answer.missing)});
  return result;
}

} // namespace troupe::http
