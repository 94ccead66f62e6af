#include <troupe/deploy/host/topology/settings_steps.hpp>

#include <utility>

namespace troupe::host {

namespace {

/// The secret, as far as it is kept on this machine; empty: it is not.
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

/// Shows the servers of one kind.
struct server_display {
  const surroundings& around;
  const std::function<expected<std::string>(const secret&)>& show;
  std::string wrong;
  std::string expected_form;
  std::map<std::string, std::string> shown{}; // by the reference, so that a mistake is reported once

  std::string operator()(const secret_reference& kept, const setting_source& source, diagnostics& found) {
    const auto [at, is_new] = shown.try_emplace(to_string(kept));
    const auto text = is_new && show ? known_here(kept, around) : secret{};
    if (text.empty())
      return at->second;
    const auto field = select_field(text, kept.field);
    auto result = field ? show(*field) : expected<std::string>{field.error()};
    if (result)
      at->second = std::move(*result);
    else
      add_mistake(found, source, {}, wrong + result.error().reason, expected_form);
    return at->second;
  }
};

} // namespace

void show_connections(configuration& config, const surroundings& around, diagnostics& found) {
  const auto& node = config.settings.node;
  server_display mongodb{around, around.show_uri, "this is not a connection string of MongoDB: ",
                         "mongodb://[USER:PASSWORD@]HOST[:PORT][,...][/DATABASE][?OPTIONS] or mongodb+srv://..."};
  server_display amqp{around, around.show_broker, "this is not the URL of a broker: ", {}};
  for (auto& service : config.plan.services) {
    if (auto& server = service.document_server)
      server->shown =
        mongodb(*server->uri, service.mongodb ? service.source(service.mongodb) : node.source(node.mongodb.uri), found);
    if (auto& broker = service.broker)
      broker->shown = amqp(*broker->url, service.amqp ? service.source(service.amqp) : node.source(node.amqp.url), found);
  }
}

} // namespace troupe::host
