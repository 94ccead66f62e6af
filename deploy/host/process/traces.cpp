#include <troupe/deploy/host/process/traces.hpp>

#include <utility>

#include <troupe/bridges/http/problem.hpp>

namespace troupe::host {

std::unique_ptr<otlp::exporter> make_exporter(const process_plan& plan, const std::string& version,
                                              const std::string& hostname, const observer_ptr& watcher) {
  if (!exports_traces(plan))
    return nullptr;
  const auto& to = plan.node.traces.out;
  if (!otlp::can_send()) {
    watcher->log(severity::warning, {plan.program, "otlp"},
                 "traces cannot be exported to " + otlp::address_of(to) + ": this build has no opentelemetry-cpp");
    return nullptr;
  }
  if (to.by == otlp::protocol::http && to.compressed != otlp::compression::none)
    watcher->log(severity::warning, {plan.program, "otlp"},
                 "spans go to " + otlp::address_of(to) + " uncompressed: gzip needs node.traces.protocol grpc");
  const bool one_service = plan.services.size() == 1;
  otlp::identity of{plan.program, one_service ? plan.services.front().name : plan.program, version, hostname, {}};
  for (const auto& service : plan.services)
    if (service.traced_as)
      of.names.emplace(service.name, *service.traced_as);
  if (const auto other = of.names.find(of.process); other != of.names.end())
    of.process = other->second;
  auto headers = otlp::pairs_of(plan.node.traces.headers.reveal()).value(); // it was read before
  return std::make_unique<otlp::exporter>(
    to, [to, of = std::move(of), headers = std::move(headers)] { return otlp::make_sender(to, headers, of); }, watcher);
}

std::vector<http::route> trace_routes(std::shared_ptr<const telemetry::telemetry> from) {
  const auto answer = [](std::string text) {
    http::response result{200, http::media_type::json, std::move(text), {}, {}};
    result.headers.push_back({"Cache-Control", "no-store"});
    return result;
  };
  const http::handler list = [from, answer](const http::request&) { return answer(from->traces().list()); };
  const http::handler show = [from, answer](const http::request& asked) {
    auto found = from->traces().show(asked.parameter);
    return found ? answer(std::move(*found))
                 : http::problem({errc::not_found, "there is no such trace, or no longer"}, asked.request_id);
  };
  return {{"/traces", {http::method::get}, list}, {"/traces/{id}", {http::method::get}, show}};
}

} // namespace troupe::host
