#include <troupe/bridges/http/trial_routes.hpp>

#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/target.hpp>

namespace troupe::http {

namespace {

bool identifies_user(std::string_view name) noexcept {
  return same_header_name(name, "cookie") || same_header_name(name, "authorization");
}

/// Replies the code that the path names.
response answer_status(const request& incoming) {
  const auto status = parse_status(incoming.parameter);
  if (!status)
    return problem(status.error(), incoming.request_id);
  response result;
  result.status = *status;
  if (*status == 204 || *status == 304)
    return result;
  result.content_type = media_type::text;
  result.body = std::to_string(*status) + ' ' + std::string{reason_phrase(*status)} + '\n';
  return result;
}

/// Dumps the request as it arrived. What identifies the user of a page is masked when a page of another origin asks, because
/// such a page may read the answer but not the cookie.
response answer_echo(const request& incoming) {
  const bool foreign = incoming.header("origin").has_value();
  response result;
  result.content_type = media_type::text;
  result.headers = {{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}};
  auto& out = result.body;
  out.append(incoming.verb_text).append(" ").append(incoming.target);
  out += incoming.version == 10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  for (const auto& each : incoming.headers)
    out.append(each.name).append(": ").append(foreign && identifies_user(each.name) ? "***" : each.value).append("\r\n");
  out += "\r\n";
  out += incoming.body;
  return result;
}

} // namespace

std::vector<route> trial_routes() {
  const auto alive = [](const request& /*request*/) {
    return response{200, media_type::json, R"({"alive": true})", {}, {}};
  };
  constexpr method_set every{method::get, method::post, method::put, method::remove, method::patch, method::options};
  std::vector<route> result;
  result.push_back({"/api/health", {method::get}, alive});
  result.push_back({"/api/status/{code}", {method::get, method::options}, answer_status});
  result.push_back({"/api/request-echo", every, answer_echo});
  return result;
}

} // namespace troupe::http
