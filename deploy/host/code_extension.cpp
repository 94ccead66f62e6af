#include <troupe/deploy/host/code_extension.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>

#include <google/protobuf/descriptor.h>

#include <troupe/bridges/http/contract_client.hpp>
#include <troupe/deploy/host/code_comparison.hpp>
#include <troupe/messages/contracts/route.hpp>

namespace troupe::host {

namespace {

/// The REST routes of the contracts of a service.
std::vector<contracts::rest_route> routes_of(const service_code& code) {
  std::vector<const google::protobuf::ServiceDescriptor*> contracts;
  for (const auto& one : code.serves)
    contracts.push_back(one.contract);
  return contracts::rest_surface_of(contracts).routes;
}

} // namespace

code_extension::code_extension(const program_code& code) : code_(code) {
  words_.name = code.name;
  words_.version = code.version;
  words_.about = code.name + ": services of supervised actors, all in one process, or one per container.";
  words_.examples = "  " + code.name + " run                   all services, on this machine alone\n  " + code.name
                    + " run topology.yaml     where a topology says\n  " + code.name + " run topology.yaml --service "
                    + (code.services.empty() ? std::string{"NAME"} : code.services.front().name)
                    + "   one service, as in a container\n";
  words_.without = "Without a TOPOLOGY all services run here, on streams and documents of the data folder.\n";
  words_.callable = "contract";
}

owned_part<service_part> code_extension::make_part() const {
  return std::unique_ptr<service_part>{std::make_unique<code_part>()};
}

void code_extension::complete(topology& whole, diagnostics& found) const {
  compare(code_, whole, found);
}

void code_extension::resolve_edge(const service_topology* /*front*/, process_plan& plan) const {
  for (const auto* code : served_here(plan))
    plan.edge_services.push_back(code->name);
}

void code_extension::check_plan(const process_plan& plan, diagnostics& found) const {
  for (const auto& service : plan.services)
    for (const auto& call : part_of(service).used().calls) {
      const auto peer = std::ranges::find(plan.peers, call.service, &peer_plan::name);
      if (peer == plan.peers.end() || !peer->address.is_http())
        continue;
      const auto source = said_by(*code_of(service), call.where);
      for (const auto& mistake : http::mistakes_of_client(*call.contract))
        add_mistake(found, source, {},
                    "it calls " + call.contract->full_name() + " of " + in_quotes(call.service) + " at "
                      + to_string(peer->address) + ": " + mistake,
                    "routes in its file, or a gRPC address");
    }
}

void code_extension::print_routes(const process_plan& plan, std::ostream& out) const {
  for (const auto* code : served_here(plan))
    for (const auto& route : routes_of(*code))
      out << "            " << std::left << std::setw(36) << route.http_method + ' ' + route.path.text << "  " << code->name
          << '\n';
}

std::string code_extension::first_path(const process_plan& plan) const {
  for (const auto* code : served_here(plan))
    for (const auto& route : routes_of(*code))
      if (route.http_method == "GET" && route.path.text.find_first_of("{*") == std::string::npos)
        return route.path.text;
  return extension::first_path(plan);
}

const code_part& part_of(const service_topology& service) {
  return dynamic_cast<const code_part&>(*service.part);
}

const service_code* code_of(const service_topology& service) noexcept {
  const auto* const part = dynamic_cast<const code_part*>(service.part.get());
  return part == nullptr ? nullptr : part->code();
}

std::vector<const service_code*> served_here(const process_plan& plan) {
  std::vector<const service_code*> result;
  for (const auto& service : plan.services)
    if (const auto* const code = code_of(service); code != nullptr && !code->serves.empty())
      result.push_back(code);
  return result;
}

} // namespace troupe::host
