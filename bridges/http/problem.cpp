#include <troupe/bridges/http/problem.hpp>

#include <array>

#include <troupe/messages/values/json.hpp>

namespace troupe::http {

namespace {

struct refusal_row {
  std::string_view name;
  unsigned status;
  errc code;
};

constexpr std::array<refusal_row, refusal_count> refusals{{
  {"malformed", 400, errc::invalid},
  {"header_too_large", 431, errc::invalid},
  {"body_too_large", 413, errc::invalid},
  {"slow_request", 408, errc::deadline_exceeded},
  {"unsupported_coding", 501, errc::invalid},
  {"expectation", 417, errc::invalid},
  {"in_flight_bound", 503, errc::overloaded},
  {"connection_bound", 503, errc::overloaded},
  {"stream_bound", 503, errc::overloaded},
  {"foreign_host", 403, errc::rejected},
  {"unauthorized", 401, errc::rejected},
}};

const refusal_row& row_of(refusal why) noexcept {
  return refusals[static_cast<std::size_t>(why)];
}

} // namespace

std::string_view to_string(refusal why) noexcept {
  return row_of(why).name;
}

unsigned status_of(errc code) noexcept {
  switch (code) {
    case errc::none:
      return 200;
    case errc::deadline_exceeded:
      return 504;
    case errc::unavailable:
    case errc::overloaded:
    case errc::breaker_open:
    case errc::not_sent:
    case errc::untrusted:
    case errc::actor_failed:
    case errc::shutting_down:
    case errc::storage_failed:
    case errc::locked:
    case errc::newer_schema:
    case errc::intensity_exceeded:
      return 503;
    case errc::throttled:
      return 429;
    case errc::outcome_unknown:
    case errc::partial:
      return 502;
    case errc::unauthenticated:
      return 401;
    case errc::forbidden:
      return 403;
    case errc::unsupported:
      return 501;
    case errc::cancelled:
      return 499;
    case errc::undecodable:
    case errc::invalid:
      return 400;
    case errc::rejected:
      return 422;
    case errc::not_found:
      return 404;
    case errc::conflict:
      return 409;
    case errc::internal:
      return 500;
  }
  return 500;
}

response problem(unsigned status, const failure& why, std::string_view request_id) {
  response result;
  result.status = status;
  result.content_type = media_type::problem;
  result.request_id = request_id;
  auto& body = result.body;
  body = R"({"type":"about:blank","title":)";
  append_json_string(body, reason_phrase(status));
  body += R"(,"status":)" + std::to_string(status);
  if (!why.reason.empty()) {
    body += R"(,"detail":)";
    append_json_string(body, why.reason);
  }
  body += R"(,"code":)";
  append_json_string(body, to_string(why.code));
  if (!request_id.empty()) {
    body += R"(,"request_id":)";
    append_json_string(body, request_id);
  }
  body += '}';
  if (why.code == errc::overloaded || why.code == errc::throttled || why.code == errc::breaker_open)
    result.headers.push_back({"Retry-After", "1"});
  return result;
}

response problem(const failure& why, std::string_view request_id) {
  return problem(status_of(why.code), why, request_id);
}

response problem(refusal why, std::string detail, std::string_view request_id) {
  const auto& row = row_of(why);
  auto result = problem(row.status, {row.code, std::move(detail)}, request_id);
  if (why == refusal::unauthorized)
    result.headers.push_back({"WWW-Authenticate", "Bearer"});
  return result;
}

} // namespace troupe::http
