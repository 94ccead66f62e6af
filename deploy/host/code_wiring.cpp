#include <troupe/deploy/host/code_wiring.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <google/protobuf/descriptor.h>

#include <troupe/actors/contracts/resilient_client.hpp>
#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/http/contract_routes.hpp>
#include <troupe/deploy/host/code_extension.hpp>
#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/messages/contracts/openapi.hpp>
#include <troupe/messages/contracts/route.hpp>

namespace troupe::host {

namespace {

using google::protobuf::ServiceDescriptor;

class code_wiring final : public wiring {
public:
  code_wiring(const program_code& code, const process_plan& plan, const assembly_parts& parts)
    : code_(code), plan_(plan), parts_(parts) {}

  // A client of the bridge for each contract that is called there, which sends a call once, behind an actor that repeats
  // calls.
  void add_peer(actors::supervised_group& group, const peer_plan& peer) override {
    for (const auto* contract : called_of(peer.name)) {
      const auto name = peer.name + '-' + contract->full_name();
      auto config = resilience_of<actors::resilient_client_config>(plan_, peer);
      config.to = group.add(name + "-client", [to = grpc_client_of(plan_, peer), contract](const spawn_context& context) {
        return grpc::spawn_contract_client(context, to, *contract);
      });
      contracts_[{peer.name, contract}] = group.add(name, [config = std::move(config)](const spawn_context& context) {
        return actors::spawn_resilient_client(context, config);
      });
    }
  }

  void add_code(const service_plan& service, const actor_plan& actor, service_handles& handles) override {
    const auto& code = *code_of(service);
    if (actor.index >= code.serves.size())
      return add_timer(code, code.timers.at(actor.index - code.serves.size()), actor, handles);
    const auto& served = code.serves[actor.index];
    const auto links = links_of(code, handles);
    contract_service_config config{.make = served.make,
                                   .callees = links.callees,
                                   .calls = served.calls,
                                   .channels = links.channels,
                                   .stores = links.stores};
    contracts_[{service.name, served.contract}] = handles.group.add(
      actor.name,
      [config = std::move(config)](const spawn_context& context) { return spawn_contract_service(context, config); },
      handles.options);
  }

  handler_actor add_handler(const service_plan& service, const actor_plan& actor, service_handles& handles) override {
    const auto& code = *code_of(service);
    const auto& consumer = service.consumers.at(actor.index);
    const auto& consumed = code.consumes.at(*consumer.code);
    delivery_service_config config{.handle = consumed.handle,
                                   .links = links_of(code, handles),
                                   .at_most = consumer.timeout,
                                   .deliveries = consumed.deliveries};
    return handles.group.add(
      actor.name,
      [config = std::move(config)](const spawn_context& context) { return spawn_delivery_service(context, config); },
      handles.options);
  }

  expected<void> serve(http::edge_config& config, http::edge_ports& ports) override {
    const auto served = served_contracts();
    if (served.empty())
      return {};
    auto routes = http::contract_routes(
      served, {.at_most = config.deadline, .body = config.bounds.body_bytes, .watcher = parts_.watcher});
    if (routes.has_error())
      return std::move(routes).error();
    std::ranges::move(*routes, std::back_inserter(ports.routes));
    ports.routes.push_back(
      {"/openapi.json", http::method_set{http::method::get}, [text = openapi_of(served)](const http::request& /*request*/) {
         return http::response{200, http::media_type::json, text, {}, {}};
       }});
    return {};
  }

  void serve(grpc::server_ports& ports) override { ports.contracts = served_contracts(); }

  [[nodiscard]] std::vector<source_actor> sources() const override { return timers_; }

private:
  void add_timer(const service_code& code, const timer_code& timer, const actor_plan& actor, service_handles& handles) {
    timers_.push_back(handles.group.add(
      actor.name,
      [run = timer.run, links = links_of(code, handles), every = timer.every](const spawn_context& context) {
        timer_config config;
        config.run = run;
        config.links = links;
        config.every = every;
        return spawn_timer(context, std::move(config));
      },
      handles.options));
  }

  [[nodiscard]] std::vector<const ServiceDescriptor*> called_of(const std::string& callee) const {
    std::vector<const ServiceDescriptor*> result;
    for (const auto& service : plan_.services)
      if (const auto* const code = code_of(service))
        for (const auto& call : code->calls)
          if (call.service == callee && std::ranges::find(result, call.contract) == result.end())
            result.push_back(call.contract);
    return result;
  }

  [[nodiscard]] service_links links_of(const service_code& code, const service_handles& handles) const {
    service_links result;
    for (const auto& call : code.calls) {
      const auto& callee = contracts_.at({call.service, call.contract});
      result.callees.emplace(call.service + ' ' + call.contract->full_name(), callee);
    }
    for (const auto& to : code.publishes)
      result.channels.emplace(to.channel,
                              channel_link{handles.publishers.at(to.channel), to.channel, media_type_of(to.channel)});
    for (const auto& store : code.stores)
      result.stores.emplace(store, store_link{handles.writer, code_.name, store});
    return result;
  }

  [[nodiscard]] std::string media_type_of(const std::string& channel) const {
    const auto* const stream = find_stream(plan_, channel);
    const auto encoding =
      stream != nullptr ? stream->encoding : std::ranges::find(plan_.queues, channel, &queue_topology::name)->encoding;
    switch (encoding) {
      case message_encoding::own:
        break;
      case message_encoding::protobuf:
        return std::string{contracts::protobuf_media_type};
      case message_encoding::json:
        return std::string{contracts::json_media_type};
    }
    return {};
  }

  [[nodiscard]] std::vector<served_contract> served_contracts() const {
    std::vector<served_contract> result;
    for (const auto* code : served_here(plan_))
      for (const auto& one : code->serves)
        if (std::ranges::find(result, one.contract, &served_contract::contract) == result.end())
          result.push_back({one.contract, contracts_.at({code->name, one.contract})});
    return result;
  }

  [[nodiscard]] std::string openapi_of(const std::vector<served_contract>& served) const {
    std::vector<const ServiceDescriptor*> contracts;
    for (const auto& one : served)
      contracts.push_back(one.contract);
    return boost::json::serialize(
      contracts::openapi_document(contracts::rest_surface_of(contracts).routes, {code_.name, code_.version}));
  }

  const program_code& code_;
  const process_plan& plan_;
  const assembly_parts& parts_;
  // By the service, of this process or another.
  std::map<std::pair<std::string, const ServiceDescriptor*>, contract_actor> contracts_;
  std::vector<source_actor> timers_;
};

} // namespace

std::unique_ptr<wiring> wire_code(const program_code& code, const process_plan& plan, const assembly_parts& parts) {
  return std::make_unique<code_wiring>(code, plan, parts);
}

} // namespace troupe::host
