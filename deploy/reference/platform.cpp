#include <troupe/deploy/reference/platform.hpp>

#include <algorithm>
#include <iomanip>
#include <memory>
#include <ostream>
#include <string_view>

#include <troupe/deploy/host/topology/topology_scalar.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

namespace troupe::reference {

namespace {

void read_family(host::node_topology& node, const std::string& text, const host::setting_source& source,
                 host::diagnostics& found) {
  auto& own = dynamic_cast<platform_settings&>(*node.own);
  host::misreading why;
  if (auto read = host::read_scalar<reference_family>(text, settings::anything{}, why))
    own.give(own.family, *read, source);
  else
    host::add_mistake(found, source, {}, std::move(why.problem), std::move(why.expected), std::move(why.nearest));
}

void print_route(std::ostream& out, std::string_view path, const std::string& service, greeting_order order) {
  out << "            " << std::left << std::setw(28) << path << "  ";
  if (service.empty())
    out << "no service\n";
  else
    out << service
        << (order == greeting_order::pre_order ? ", a service before those it asked\n"
                                               : ", a service after those it asked\n");
}

} // namespace

const host::program_words& platform::words() const noexcept {
  static const host::program_words all{
    .version = TROUPE_VERSION,
    .about = "Troupe runs services of supervised actors: all in one process, or one per container.",
    .examples = "  troupe run                                     the whole reference platform, on this machine alone\n"
                "  troupe run my-platform.yaml --http :80         a platform of your own\n"
                "  troupe run --service kafka-demo-a              one service, as in a container\n",
    .without = "Without a TOPOLOGY the built-in ones run: the eight services of 2019, their gateway and the two Kafka "
               "demonstration services.\n",
    .run_examples = "  GREETING=\"Howdy!\" troupe run --service service-c\n",
    .callable = "greeter",
    .options = {{"reference", "FAMILY",
                 "Follows a family of reference platforms, http or grpc, to run among their services"}},
    .makes_projects = R"(
Writes a project that builds against an installed Troupe: a protobuf file, the services, their main and their test, topologies
for one process and for one per service, the recipe of an image and values for the chart.

Exit codes: 0 done, 2 the folder is not empty or the name cannot be one

Examples:
  PROGRAM new notes
  PROGRAM new work/notes --consumer
  PROGRAM new . --name notes)"};
  return all;
}

host::owned_part<host::service_part> platform::make_part() const {
  return std::unique_ptr<host::service_part>{std::make_unique<greeter_topology>()};
}

std::vector<std::string> platform::stored_forms() const {
  return {std::string{greeting_form_name}, std::string{host::text_form_name}};
}

void platform::prepare(host::node_topology& node) const {
  node.own = std::unique_ptr<host::added_settings>{std::make_unique<platform_settings>()};
  node.grpc.own = std::unique_ptr<host::added_settings>{std::make_unique<platform_grpc_settings>()};
}

void platform::apply_environment(host::node_topology& node, const variables& environment, host::diagnostics& found) const {
  const std::string name = "TROUPE_REFERENCE";
  if (const auto set = environment.find(name); set != environment.end() && !set->second.empty())
    read_family(node, set->second, {host::setting_source::kind::environment, {}, name}, found);
}

void platform::apply_option(host::node_topology& node, const std::string& name, const std::string& text,
                            host::diagnostics& found) const {
  read_family(node, text, {host::setting_source::kind::flag, {}, "--" + name}, found);
}

std::vector<std::string> platform::reserved_actors() const {
  return {"greeter"};
}

/// Without a gateway the edge speaks for the first greeter.
void platform::resolve_edge(const host::service_topology* front, host::process_plan& plan) const {
  for (const auto& one : plan.services)
    if (front == nullptr && greeter_of(one) != nullptr)
      front = &one;
  if (front == nullptr)
    return;
  const auto& greeter = *greeter_of(*front);
  plan.edge_services = {front->name};
  plan.node.edge.deadline = greeter.deadline;
  if (greeter.form == document_form::grpc)
    plan.node.edge.array_order = greeting_order::pre_order;
}

void platform::print_routes(const host::process_plan& plan, std::ostream& out) const {
  const auto service = plan.edge_services.empty() ? std::string{} : plan.edge_services.front();
  print_route(out, "/api/v1/greeting", service, greeting_order::pre_order);
  print_route(out, "/api/greeting, /api/ping", service, plan.node.edge.array_order);
}

std::string platform::first_path(const host::process_plan& plan) const {
  return plan.edge_services.empty() ? extension::first_path(plan) : "/api/v1/greeting";
}

const platform_settings& platform_of(const host::node_topology& node) {
  return dynamic_cast<const platform_settings&>(*node.own);
}

const platform_grpc_settings& platform_grpc_of(const host::node_topology& node) {
  return dynamic_cast<const platform_grpc_settings&>(*node.grpc.own);
}

document_form form_of(const host::node_topology& node, const host::service_topology& service) {
  if (const auto* const greeter = greeter_of(service))
    return greeter->form;
  return platform_of(node).family == reference_family::grpc ? document_form::grpc : document_form::http;
}

bool has_gateway(const host::process_plan& plan) noexcept {
  return std::ranges::any_of(plan.services, [](const host::service_plan& one) { return one.gateway.has_value(); });
}

} // namespace troupe::reference
