#include <troupe/bridges/http/client_codec.hpp>

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>

#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/trace_bound.hpp>

namespace troupe::http {

namespace {

bool may_stand_in_header(std::string_view value) noexcept {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

// The code in our problem body; `errc::none` where there is none.
errc code_of_problem(std::string_view body) {
  constexpr std::size_t most = 16 * kibibyte; // of a problem's few members
  if (body.empty() || body.size() > most)
    return errc::none;
  boost::json::parse_options bounds;
  bounds.max_depth = 4;
  boost::system::error_code error;
  const auto value = boost::json::parse(boost::json::string_view{body.data(), body.size()}, error, {}, bounds);
  const auto* const object = error ? nullptr : value.if_object();
  const auto* const member = object == nullptr ? nullptr : object->if_contains("code");
  const auto* const text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? errc::none : errc_from_string({text->data(), text->size()});
}

errc error_of_other_status(unsigned status) noexcept {
  if (status >= 500)
    return errc::internal;
  // Redirections are not followed: only the topology sets a target.
  return errc::rejected;
}

} // namespace

void append_header(std::string& head, std::string_view name, std::string_view value) {
  if (!value.empty() && may_stand_in_header(value))
    head.append(name).append(": ").append(value).append("\r\n");
}

void append_trace(std::string& head, const trace_context& trace) {
  write_bounded_headers(trace, [&head](const troupe::header_view& each) { append_header(head, each.name, each.value); });
}

outgoing_request encode_greeting_request(const client_target& target, const greet& call) {
  std::string out;
  out.reserve(1024);
  out.append("GET ").append(target.path).append(" HTTP/1.1\r\n");
  append_header(out, "Host", target.authority());
  append_header(out, "Accept", "application/json");
  append_trace(out, call.trace);
  append_header(out, header_name::order, to_string(call.order));
  append_header(out, header_name::call_id, call.call_id);
  return {std::move(out)};
}

void append_remaining_time(std::string& request, duration remaining) {
  append_header(request, header_name::timeout, to_grpc_timeout(remaining));
  request += "\r\n";
}

errc error_of_status(unsigned status, std::string_view body) {
  switch (status) {
    case 401:
      return errc::unauthenticated;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 408:
    case 504:
      return errc::deadline_exceeded;
    case 429:
      return errc::throttled;
    case 501:
      return errc::unsupported;
    case 502:
      return errc::unavailable;
    case 503:
      return code_of_problem(body) == errc::overloaded ? errc::throttled : errc::unavailable;
    default:
      return error_of_other_status(status);
  }
}

expected<greeting_answer> decode_greeting_answer(const http_answer& answer) {
  if (answer.status < 200 || answer.status > 299)
    return failure{error_of_status(answer.status, answer.body), "it answered " + std::to_string(answer.status)};
  auto greetings = greetings_from_json(answer.body);
  if (!greetings)
    return failure{errc::undecodable, "its answer is no list of greetings: " + greetings.error().reason};
  greeting_answer result;
  result.tree.own = std::move(*greetings);
  result.missing = parse_missing_header(answer.missing);
  return result;
}

} // namespace troupe::http
