#include <troupe/deploy/node/process/banner.hpp>

namespace troupe::node {

namespace {

std::string row(std::string_view name, std::string_view value) {
  std::string result = "  ";
  result += name;
  result.append(name.size() < 16 ? 16 - name.size() : 1, ' ');
  result += value;
  result += '\n';
  return result;
}

} // namespace

std::string banner(const configuration& config, const std::string& http, const std::string& grpc, const std::string& admin,
                   const std::string& data_file, const std::string& taken) {
  std::string services;
  for (const auto& name : config.running)
    services += (services.empty() ? "" : ", ") + name;
  std::string result = "troupe " TROUPE_VERSION "\n";
  result += row("answers", "http://" + http + (config.plan.edge_service.empty() ? "/readyz" : "/api/v1/greeting"));
  if (!grpc.empty())
    result += row("gRPC", grpc);
  result += row("administration", "http://" + admin + "/tree");
  result += row("services", services);
  result += row("data", data_file);
  result += row("takes", taken);
  result += row("to end", "Ctrl-C");
  return result;
}

} // namespace troupe::node
