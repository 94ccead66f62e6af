#include <troupe/bridges/http/message.hpp>

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

constexpr std::array<std::string_view, method_count> method_names{"GET",   "HEAD",   "POST",    "PUT",
                                                                  "PATCH", "DELETE", "OPTIONS", "OTHER"};

struct status_row {
  unsigned status;
  std::string_view phrase;
};

// From the IANA registry, and 499, which gRPC's CANCELLED has in HTTP; in ascending order.
constexpr std::array<status_row, 44> status_rows{{
  {200, "OK"},
  {201, "Created"},
  {202, "Accepted"},
  {203, "Non-Authoritative Information"},
  {204, "No Content"},
  {205, "Reset Content"},
  {206, "Partial Content"},
  {300, "Multiple Choices"},
  {301, "Moved Permanently"},
  {302, "Found"},
  {303, "See Other"},
  {304, "Not Modified"},
  {307, "Temporary Redirect"},
  {308, "Permanent Redirect"},
  {400, "Bad Request"},
  {401, "Unauthorized"},
  {402, "Payment Required"},
  {403, "Forbidden"},
  {404, "Not Found"},
  {405, "Method Not Allowed"},
  {406, "Not Acceptable"},
  {408, "Request Timeout"},
  {409, "Conflict"},
  {410, "Gone"},
  {411, "Length Required"},
  {412, "Precondition Failed"},
  {413, "Content Too Large"},
  {414, "URI Too Long"},
  {415, "Unsupported Media Type"},
  {417, "Expectation Failed"},
  {418, "I'm a teapot"},
  {421, "Misdirected Request"},
  {422, "Unprocessable Content"},
  {428, "Precondition Required"},
  {429, "Too Many Requests"},
  {431, "Request Header Fields Too Large"},
  {451, "Unavailable For Legal Reasons"},
  {499, "Client Closed Request"},
  {500, "Internal Server Error"},
  {501, "Not Implemented"},
  {502, "Bad Gateway"},
  {503, "Service Unavailable"},
  {504, "Gateway Timeout"},
  {505, "HTTP Version Not Supported"},
}};

} // namespace

std::string_view to_string(method verb) noexcept {
  return method_names[static_cast<std::size_t>(verb)];
}

method method_from_string(std::string_view text) noexcept {
  for (std::size_t index = 0; index + 1 < method_names.size(); ++index)
    if (method_names[index] == text)
      return static_cast<method>(index);
  return method::other;
}

std::string allow_value(method_set methods) {
  std::string result;
  for (std::size_t index = 0; index + 1 < method_names.size(); ++index) {
    const auto verb = static_cast<method>(index);
    if (!methods.contains(verb) && verb != method::options)
      continue;
    if (!result.empty())
      result += ", ";
    result += method_names[index];
  }
  return result;
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept {
  for (const auto& each : headers)
    if (same_header_name(each.name, name))
      return each.value;
  return std::nullopt;
}

std::string_view reason_phrase(unsigned status) noexcept {
  const auto* const row = std::lower_bound(status_rows.begin(), status_rows.end(), status,
                                           [](const status_row& left, unsigned right) { return left.status < right; });
  return row != status_rows.end() && row->status == status ? row->phrase : "Status";
}

} // namespace troupe::http
