#include <troupe/bridges/http/edge.hpp>

#include <troupe/bridges/http/routes.hpp>

namespace troupe::http {

namespace {

constexpr method_set reading{method::get};

std::vector<route> routes_of(const edge_config& config, edge_ports& ports) {
  auto routes = std::move(ports.routes);
  if (ports.greeter) {
    const greeting_terms gateway{greeting_form::gateway, greeting_order::pre_order, config.deadline};
    const greeting_terms array{greeting_form::array, config.array_order, config.deadline};
    for (const auto& path : config.gateway_paths)
      routes.push_back({path, reading, greeting_handler(gateway, ports)});
    routes.push_back({"/api/greeting", reading, greeting_handler(array, ports)});
    routes.push_back({"/api/ping", reading, greeting_handler(array, ports)});
  }
  const rendering metrics{media_type::prometheus, ports.metrics};
  routes.push_back({"/livez", reading, health_handler(ports.liveness), audience::operators});
  routes.push_back({"/readyz", reading, health_handler(ports.readiness), audience::operators});
  routes.push_back({"/metrics", reading, metrics, audience::operators});
  routes.push_back({"/api/metrics", reading, metrics, audience::operators});
  return routes;
}

std::string joined(const std::vector<std::string>& mistakes) {
  std::string result;
  for (const auto& mistake : mistakes)
    result += (result.empty() ? "" : "; ") + mistake;
  return result;
}

} // namespace

expected<std::unique_ptr<edge>> edge::listen(const edge_config& config, edge_ports ports) {
  if (const auto mistakes = validate(config); !mistakes.empty())
    return failure{errc::invalid, joined(mistakes)};
  if (!ports.metrics || !ports.liveness || !ports.readiness)
    return failure{errc::invalid, "the edge was given no metrics, liveness or readiness"};
  listener_options options;
  options.name = "edge";
  options.where = config.listen;
  options.bounds = config.bounds;
  options.patience = config.patience;
  options.threads = config.threads;
  options.cors.emplace(config.allowed_origins);
  options.routes = routes_of(config, ports);
  options.watcher = ports.watcher;
  options.clock = ports.clock;
  auto body = listener::listen(std::move(options));
  if (!body)
    return body.error();
  return std::unique_ptr<edge>{new edge{std::move(*body)}};
}

} // namespace troupe::http
