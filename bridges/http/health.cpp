#include <troupe/bridges/http/health.hpp>

#include <troupe/messages/values/json.hpp>

namespace troupe::http {

namespace {

std::string_view to_string(health_check::standing stands) noexcept {
  switch (stands) {
    case health_check::standing::passing:
      return "passing";
    case health_check::standing::degraded:
      return "degraded";
    case health_check::standing::failing:
      return "failing";
  }
  return "failing";
}

} // namespace

std::string to_json(const health_report& report) {
  std::string out = report.passing() ? R"({"status":"passing","checks":[)" : R"({"status":"failing","checks":[)";
  for (const auto& check : report.checks) {
    out += R"({"name":)";
    append_json_string(out, check.name);
    out += R"(,"status":)";
    append_json_string(out, to_string(check.stands));
    if (!check.detail.empty()) {
      out += R"(,"detail":)";
      append_json_string(out, check.detail);
    }
    out += "},";
  }
  if (!report.checks.empty())
    out.pop_back();
  return out + "]}";
}

} // namespace troupe::http
