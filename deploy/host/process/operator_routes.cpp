#include <troupe/deploy/host/process/operator_routes.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <troupe/bridges/http/page.hpp>
#include <troupe/deploy/host/process/fault_routes.hpp>
#include <troupe/deploy/host/process/operator_page.hpp>
#include <troupe/deploy/host/process/recent_log.hpp>
#include <troupe/deploy/host/process/traces.hpp>
#include <troupe/deploy/host/topology/settings_report.hpp>

namespace troupe::host {

namespace {

http::route settings_route(std::string text) {
  const http::handler show = [text = std::move(text)](const http::request& /*request*/) {
    return http::response{200, http::media_type::json, text, {{"Cache-Control", "no-store"}}, {}};
  };
  return {"/settings", {http::method::get}, show};
}

} // namespace

std::vector<http::route> operator_routes(const operator_view& of) {
  auto result = http::page_routes(operator_page(), {{"/", "index.html"}});
  std::ranges::move(trace_routes(of.watcher), std::back_inserter(result));
  std::ranges::move(fault_routes(of.made), std::back_inserter(result));
  result.push_back(log_route(of.watcher));
  result.push_back(settings_route(settings_json(of.config)));
  result.push_back({"/flows", {http::method::get}, http::rendering{http::media_type::json, of.flows}});
  return result;
}

} // namespace troupe::host
