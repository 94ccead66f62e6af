#include <troupe/deploy/reference/process/greeter_wiring.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <troupe/actors/greeter.hpp>
#include <troupe/actors/resilient_greeter.hpp>
#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/bridges/grpc/gateway.hpp>
#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/http/trial_routes.hpp>
#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>
#include <troupe/deploy/reference/platform.hpp>
#include <troupe/deploy/reference/process/greeting_page.hpp>
#include <troupe/deploy/reference/process/greetings.hpp>
#include <troupe/deploy/reference/process/peers.hpp>
#include <troupe/deploy/reference/process/trace_route.hpp>

namespace troupe::reference {

namespace {

class greeter_wiring final : public host::wiring {
public:
  greeter_wiring(const host::process_plan& plan, const host::assembly_parts& parts) : plan_(plan), parts_(parts) {
    if (std::ranges::any_of(plan.peers, [](const host::peer_plan& one) { return one.address.is_http(); }))
      http_clients_.emplace();
  }

  // A client of a bridge, which sends a call once, behind an actor that repeats calls.
  void add_peer(actors::supervised_group& group, const host::peer_plan& peer) override {
    auto config = host::resilience_of<actors::resilient_greeter_config>(plan_, peer);
    config.open = parts_.faults->breaker_of(peer.name);
    config.to =
      group.add(peer.name + "-client", client_factory(plan_, peer, http_clients_ ? http_clients_->inbox() : nullptr));
    greeters_[peer.name] = group.add(peer.name, [config = std::move(config)](const spawn_context& context) {
      return actors::spawn_resilient_greeter(context, config);
    });
  }

  void add_code(const host::service_plan& service, const host::actor_plan& actor, host::service_handles& handles) override {
    const auto& greeter = *greeter_of(service);
    auto config = greeter_config_of(service, parts_.hostname);
    for (const auto& called : greeter.calls)
      config.downstream.push_back({called.name, greeters_.at(called.name)});
    if (greeter.publish)
      config.publish_to = handles.publishers.at(*greeter.publish);
    if (config.store)
      config.store->to = handles.writer;
    greeters_[service.name] = handles.group.add(
      actor.name,
      [config = std::move(config)](const spawn_context& context) { return actors::spawn_greeter(context, config); },
      handles.options);
  }

  // Topologies of greetings have no handlers in code.
  handler_actor add_handler(const host::service_plan& /*service*/, const host::actor_plan& /*actor*/,
                            host::service_handles& /*handles*/) override {
    return {};
  }

  [[nodiscard]] actors::document_function documents_of(const host::service_plan& service,
                                                       const host::consumer_topology& consumer) const override {
    return reference::documents_of(form_of(plan_.node, service), consumer);
  }

  [[nodiscard]] actors::delivery_function forwarding_of(const host::consumer_topology& consumer) const override {
    return reference::forwarding_of(consumer);
  }

  expected<void> serve(http::edge_config& config, http::edge_ports& ports) override {
    config.gateway_paths = gateway_paths(plan_);
    ports.greeter = edge_greeter();
    ports.calls = gateway_calls();
    std::ranges::move(http::trial_routes(), std::back_inserter(ports.routes));
    if (plan_.edge_services.empty())
      return {};
    std::ranges::move(http::page_routes(greeting_page(), {{"/", "index.html"}, {"/api-docs", "api-docs.html"}}),
                      std::back_inserter(ports.routes));
    ports.routes.push_back(trace_route(parts_));
    ports.routes.push_back(
      {"/openapi.json", http::method_set{http::method::get},
       [text = grpc::openapi_json(platform_grpc_of(plan_.node).package)](const http::request& /*request*/) {
         return http::response{200, http::media_type::json, text, {}, {}};
       }});
    return {};
  }

  void serve(grpc::server_ports& ports) override {
    ports.greeter = edge_greeter();
    ports.calls = gateway_calls();
  }

private:
  // Null where the process answers no greetings.
  [[nodiscard]] greeter_actor edge_greeter() const {
    return plan_.edge_services.empty() ? greeter_actor{} : greeters_.at(plan_.edge_services.front());
  }

  // What the edge and gRPC ask on behalf of the gateway that they speak for. Null: there is none.
  [[nodiscard]] call_counts_ptr gateway_calls() const {
    if (plan_.edge_services.empty())
      return nullptr;
    const auto& to = plan_.edge_services.front();
    const auto found = std::ranges::find(plan_.services, to, &host::service_plan::gateway);
    return found == plan_.services.end() ? nullptr : std::make_shared<call_counts>(parts_.watcher, found->name, to);
  }

  const host::process_plan& plan_;
  const host::assembly_parts& parts_;
  std::optional<http::client_engine> http_clients_; // where a peer is called over HTTP
  std::map<std::string, greeter_actor> greeters_;   // by service, of this process or another
};

} // namespace

std::unique_ptr<host::wiring> wire_greeters(const host::process_plan& plan, const host::assembly_parts& parts) {
  return std::make_unique<greeter_wiring>(plan, parts);
}

} // namespace troupe::reference
