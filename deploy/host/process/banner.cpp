#include <troupe/deploy/host/process/banner.hpp>

namespace troupe::host {

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

std::string banner(const configuration& config, const extension& program, const std::string& http, const std::string& grpc,
                   const std::string& admin, const std::string& data_file, const std::string& taken) {
  std::string services;
  for (const auto& name : config.running)
    services += (services.empty() ? "" : ", ") + name;
  const auto& words = program.words();
  std::string result = words.name + ' ' + words.version + '\n';
  result += row("answers", "http://" + http + program.first_path(config.plan));
  if (!grpc.empty())
    result += row("gRPC", grpc);
  result += row("administration", "http://" + admin + "/tree");
  result += row("services", services);
  result += row("data", data_file);
  result += row("takes", taken);
  result += row("to end", "Ctrl-C");
  return result;
}

} // namespace troupe::host
