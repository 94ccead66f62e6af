#include <troupe/bridges/http/cors.hpp>

#include <algorithm>

#include <troupe/messages/values/web_origin.hpp>

namespace troupe::http {

namespace {

bool is_token_character(char c) noexcept {
  const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}

bool is_token_list(std::string_view text) noexcept {
  constexpr std::size_t most_bytes = 1024;
  constexpr auto most_names = 64;
  const auto fits = [](char c) { return is_token_character(c) || c == ',' || c == ' '; };
  return !text.empty() && text.size() <= most_bytes && std::count(text.begin(), text.end(), ',') < most_names
         && std::all_of(text.begin(), text.end(), fits);
}

bool is_origin(std::string_view text) noexcept {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), visible);
}

} // namespace

cors_policy::cors_policy(std::vector<std::string> origins)
  : origins_(std::move(origins)), every_(std::erase(origins_, "*") != 0) {}

bool cors_policy::lists(std::string_view origin) const noexcept {
  return is_origin(origin)
         && std::ranges::any_of(origins_, [origin](const std::string& one) { return origin_means(one, origin); });
}

bool cors_policy::allows(std::string_view origin) const noexcept {
  return is_origin(origin) && (every_ || lists(origin));
}

void cors_policy::append_lines(std::string& out, std::string_view origin) const {
  out += "Vary: Origin\r\n";
  if (!allows(origin))
    return;
  out += "Access-Control-Allow-Origin: ";
  if (lists(origin)) {
    out += origin;
    if (origin != "null")
      out += "\r\nAccess-Control-Allow-Credentials: true";
  } else {
    out += '*';
  }
  out += "\r\nAccess-Control-Expose-Headers: troupe-missing, x-request-id\r\n";
}

bool is_preflight(const request& incoming) noexcept {
  return incoming.verb == method::options && incoming.header("origin") && incoming.header("access-control-request-method");
}

response answer_preflight(const cors_policy& policy, const request& incoming) {
  response result;
  result.status = 204;
  result.headers.push_back({"Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"});
  if (!policy.allows(*incoming.header("origin")))
    return result;
  result.headers.push_back({"Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"});
  if (const auto wanted = incoming.header("access-control-request-headers"); wanted && is_token_list(*wanted))
    result.headers.push_back({"Access-Control-Allow-Headers", std::string{*wanted}});
  result.headers.push_back({"Access-Control-Max-Age", "600"});
  return result;
}

} // namespace troupe::http
