#include <troupe/bridges/http/json_body.hpp>

#include <troupe/bridges/http/problem.hpp>

namespace troupe::http {

bool has_json(const request& asked) noexcept {
  const auto type = asked.header("content-type").value_or(std::string_view{});
  return same_header_name(type.substr(0, type.find(';')), "application/json");
}

response no_json(const request& asked) {
  return problem(415, {errc::invalid, "the body must be application/json"}, asked.request_id);
}

} // namespace troupe::http
