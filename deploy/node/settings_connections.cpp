#include <troupe/deploy/node/settings_connections.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/node/topology_validation.hpp>

namespace troupe::node {

namespace {

/// Empty: it is not known here.
secret known_here(const secret_reference& kept, const surroundings& around) {
  if (kept.keeper == secret_keeper::environment) {
    const auto variable = around.environment.find(kept.name);
    return variable == around.environment.end() ? secret{} : secret{variable->second};
  }
  if (kept.keeper == secret_keeper::file && around.read_file)
    if (const auto read = around.read_file(kept.name))
      return secret{*read};
  return {};
}

/// One kind of server that services have.
template <class Plan>
struct server_kind {
  std::optional<Plan> service_plan::*plan;
  std::optional<secret_reference> Plan::*kept;
  std::optional<secret_reference> service_topology::*own;
  const setting_source& common;
  const std::function<expected<std::string>(const secret&)>& show;
  std::string wrong;
  std::string expected_form;
};

template <class Plan>
void show_one(Plan& what, const server_kind<Plan>& kind, const setting_source& source, const surroundings& around,
              diagnostics& found) {
  const auto& kept = *(what.*kind.kept);
  const auto text = known_here(kept, around);
  if (text.empty())
    return;
  const auto field = select_field(text, kept.field);
  auto shown = field ? kind.show(*field) : expected<std::string>{field.error()};
  if (shown)
    what.shown = std::move(*shown);
  else
    tell(found, source, {}, kind.wrong + shown.error().reason, kind.expected_form);
}

template <class Plan>
void show_all(configuration& what, const server_kind<Plan>& kind, const surroundings& around, diagnostics& found) {
  if (!kind.show)
    return;
  auto& services = what.what.services;
  for (auto& service : services) {
    auto& server = service.*kind.plan;
    if (!server)
      continue;
    const auto& first = *std::ranges::find_if(services, [&](const service_plan& one) {
      return one.*kind.plan && (*(one.*kind.plan)).*kind.kept == (*server).*kind.kept;
    });
    const auto& given = *find_service(what.settings, service.name);
    const auto& own = given.*kind.own;
    if (&first == &service) // each is told once
      show_one(*server, kind, own ? given.source(own) : kind.common, around, found);
    else
      server->shown = (first.*kind.plan)->shown;
  }
}

} // namespace

void show_connections(configuration& what, const surroundings& around, diagnostics& found) {
  const auto& node = what.settings.node;
  show_all<mongodb_plan>(what,
                         {&service_plan::mongodb, &mongodb_plan::uri, &service_topology::mongodb,
                          node.source(node.mongodb.uri), around.show_uri, "no connection string of MongoDB: ",
                          "mongodb://[USER:PASSWORD@]HOST[:PORT][,...][/DATABASE][?OPTIONS] or mongodb+srv://..."},
                         around, found);
  show_all<amqp_plan>(what,
                      {&service_plan::amqp,
                       &amqp_plan::url,
                       &service_topology::amqp,
                       node.source(node.amqp.url),
                       around.show_broker,
                       "no URL of a broker: ",
                       {}},
                      around, found);
}

} // namespace troupe::node
