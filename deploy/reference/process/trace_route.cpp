#include <troupe/deploy/reference/process/trace_route.hpp>

#include <utility>

#include <troupe/bridges/http/problem.hpp>
#include <troupe/messages/values/trace_id.hpp>

namespace troupe::reference {

http::route trace_route(const host::assembly_parts& parts) {
  const http::handler show = [outline = parts.outline_of_trace](const http::request& asked) {
    const auto trace = read_trace_id(asked.parameter);
    if (!trace)
      return http::problem({errc::invalid, "a trace's id is 32 lower-case hexadecimal digits, not all of them 0"},
                           asked.request_id);
    auto found = outline(*trace);
    if (!found)
      return http::problem({errc::not_found, "there is no such trace, or no longer"}, asked.request_id);
    http::response result{200, http::media_type::json, std::move(*found), {}, {}};
    result.headers.push_back({"Cache-Control", "no-store"});
    return result;
  };
  return {"/api/trace/{id}", {http::method::get}, show};
}

} // namespace troupe::reference
