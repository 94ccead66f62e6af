#include <troupe/bridges/http/call_codec.hpp>

#include <algorithm>
#include <array>

#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/values/greeting.hpp>

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

void begin_or_continue_trace(const request& incoming, const random_source& random, received_call& call) {
  const auto headers = trace_headers_of(incoming);
  auto found = headers.empty() ? extracted_trace{} : extract(headers);
  if (found.context.valid()) {
    call.origin = trace_origin::caller;
    call.context.trace = std::move(found.context);
    return;
  }
  call.origin = found.malformed ? trace_origin::malformed : trace_origin::none;
  call.context.trace = new_trace(random);
  if (!found.context.request_id.empty())
    call.context.trace.request_id = std::move(found.context.request_id);
  call.context.trace.ot_span_context = std::move(found.context.ot_span_context);
}

} // namespace

bool is_metadata(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 16> others{
    "accept-encoding", "connection",          "content-length",   "content-type", "expect",  "host",
    "keep-alive",      "proxy-authorization", "proxy-connection", "te",           "trailer", "transfer-encoding",
    "troupe-call-id",  "troupe-timeout",      "upgrade",          "x-request-id"};
  const auto is_name = [name](std::string_view other) { return same_header_name(name, other); };
  return std::none_of(others.begin(), others.end(), is_name)
         && std::none_of(trace_headers.begin(), trace_headers.end(), is_name);
}

expected<received_call> decode_call(const request& incoming, duration at_most, instant now, const random_source& random) {
  received_call call;
  auto remaining = at_most;
  if (const auto text = incoming.header(header_name::timeout)) {
    const auto timeout = parse_grpc_timeout(*text);
    if (!timeout)
      return failure{errc::invalid, "troupe-timeout is not like 500m or 5S"};
    if (*timeout <= duration::zero())
      return failure{errc::deadline_exceeded, "the caller has no time left"};
    remaining = std::min(remaining, *timeout);
  }
  call.context.answer_by = deadline::after(remaining, now);
  if (const auto id = incoming.header(header_name::call_id)) {
    if (!is_uuid(*id))
      return failure{errc::invalid, "troupe-call-id is not a UUID"};
    call.context.id = *id;
  } else {
    call.context.id = random_uuid(random);
  }
  begin_or_continue_trace(incoming, random, call);
  return call;
}

header_list metadata_of(const request& incoming) {
  header_list result;
  for (const auto& each : incoming.headers)
    if (is_metadata(each.name))
      result.push_back({lower_case(each.name), std::string{each.value}});
  return result;
}

} // namespace troupe::http
