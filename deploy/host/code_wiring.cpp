#include <troupe/deploy/host/code_wiring.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <google/protobuf/descriptor.h>

#include <troupe/actors/contracts/resilient_client.hpp>
#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/http/contract_client.hpp>
#include <troupe/bridges/http/contract_routes.hpp>
#include <troupe/deploy/host/code_extension.hpp>
#include <troupe/deploy/host/process/peers.hpp>
#include <troupe/deploy/host/time_zone.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/messages/contracts/openapi.hpp>
#include <troupe/messages/contracts/route.hpp>

namespace troupe::host {

namespace {

using google::protobuf::ServiceDescriptor;

constexpr std::chrono::seconds between_checks{5}; // as often as orchestrators commonly ask

task<> report_run(const timer_task& run, link_state& to, timer_context& at) {
  failure why{errc::none, {}};
  try {
    co_await run(at);
  } catch (const call_failed& problem) {
    why = problem.why();
  } catch (const std::exception& problem) {
    why = {errc::unavailable, problem.what()};
  }
  if (why.code == errc::none)
    to.works();
  else
    to.fails(std::move(why));
}

/// When a schedule is due next; null: the timer has none. Both were tried at start.
std::function<timestamp(timestamp)> next_of(const timer_code& timer) {
  if (timer.schedule.empty())
    return {};
  return [schedule = policies::cron::parse(timer.schedule).value(), zone = zone_named(timer.zone).value()](timestamp now) {
    return policies::next_due(schedule, zone, now);
  };
}

/// Runs a check and keeps what came of it.
timer_task reporting(timer_task run, link_state_ptr to) {
  return [run = std::move(run), to = std::move(to)](timer_context& at) { return report_run(run, *to, at); };
}

class code_wiring final : public wiring {
public:
  code_wiring(const program_code& code, const process_plan& plan, const assembly_parts& parts)
    : code_(code), plan_(plan), parts_(parts) {
    if (std::ranges::any_of(plan.peers, [](const peer_plan& one) { return one.address.is_http(); }))
      http_clients_.emplace();
  }

  // A client of the bridge, which sends a call once, behind an actor for each contract that is called there, which repeats
  // calls. Over gRPC each contract has a client of its own.
  void add_peer(actors::supervised_group& group, const peer_plan& peer) override {
    const auto called = called_of(peer.name);
    contract_actor by_http;
    if (peer.address.is_http() && !called.empty())
      by_http = group.add(peer.name + "-client",
                          [to = http_client_of(plan_, peer, http_clients_->inbox()), called](const spawn_context& context) {
                            return http::spawn_contract_client(context, to, called);
                          });
    for (const auto* contract : called) {
      const auto name = peer.name + '-' + contract->full_name();
      auto config = resilience_of<actors::resilient_client_config>(plan_, peer);
      config.open = parts_.faults->breaker_of(peer.name);
      config.to =
        by_http ? by_http
                : group.add(name + "-client", [to = grpc_client_of(plan_, peer), contract](const spawn_context& context) {
                    return grpc::spawn_contract_client(context, to, *contract);
                  });
      contracts_[{peer.name, contract}] = group.add(name, [config = std::move(config)](const spawn_context& context) {
        return actors::spawn_resilient_client(context, config);
      });
    }
  }

  void add_code(const service_plan& service, const actor_plan& actor, service_handles& handles) override {
    const auto& code = *code_of(service);
    if (actor.index >= code.serves.size() + code.timers.size())
      return add_check(service, code.checks.at(actor.index - code.serves.size() - code.timers.size()), actor, handles);
    if (actor.index >= code.serves.size())
      return add_timer(service, code.timers.at(actor.index - code.serves.size()), actor, handles);
    const auto& served = code.serves[actor.index];
    const auto links = links_of(service, handles);
    contract_service_config config{.make = served.make,
                                   .callees = links.callees,
                                   .calls = served.calls,
                                   .channels = links.channels,
                                   .stores = links.stores,
                                   .settings = links.settings,
                                   .secrets = links.secrets};
    contracts_[{service.name, served.contract}] = handles.group.add(
      actor.name,
      [config = std::move(config)](const spawn_context& context) { return spawn_contract_service(context, config); },
      handles.options);
  }

  handler_actor add_handler(const service_plan& service, const actor_plan& actor, service_handles& handles) override {
    const auto& code = *code_of(service);
    const auto& consumer = service.consumers.at(actor.index);
    const auto& consumed = code.consumes.at(*consumer.code);
    delivery_service_config config{.make = consumed.make,
                                   .links = links_of(service, handles),
                                   .at_most = consumer.timeout,
                                   .deliveries = consumed.deliveries};
    if (const auto& to = consumer.into)
      config.into = channel_link{in_transaction(plan_, consumer) ? publisher_actor{} : handles.publishers.at(*to), *to,
                                 media_type_of(*to)};
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

  [[nodiscard]] std::vector<own_check> checks() const override { return checks_; }

  [[nodiscard]] std::vector<own_step> steps() const override {
    std::vector<own_step> result;
    for (const auto& service : plan_.services)
      if (const auto* const code = code_of(service))
        for (const auto& one : code->steps) {
          service_links links;
          links.settings = part_of(service).given_settings();
          links.secrets = part_of(service).secrets();
          service_context context{service.name, std::move(links)};
          auto made = one.make(context);
          result.push_back({service.name + '/' + one.name, std::move(made.start), std::move(made.stop)});
        }
    return result;
  }

private:
  void add_timer(const service_plan& service, const timer_code& timer, const actor_plan& actor, service_handles& handles) {
    timers_.push_back(handles.group.add(
      actor.name,
      [make = timer.make, links = links_of(service, handles), every = timer.every,
       next = next_of(timer)](const spawn_context& context) {
        timer_config config;
        config.make = make;
        config.links = links;
        config.first = every;
        config.every = every;
        config.next = next;
        return spawn_timer(context, std::move(config));
      },
      handles.options));
  }

  void add_check(const service_plan& service, const health_code& check, const actor_plan& actor, service_handles& handles) {
    auto state = std::make_shared<link_state>();
    state->fails({errc::unavailable, "not checked yet"});
    checks_.push_back({service.name + '/' + check.name, state});
    timers_.push_back(handles.group.add(
      actor.name,
      [make = check.make, links = links_of(service, handles), state](const spawn_context& context) {
        timer_config config;
        config.make = [make, state](service_context& at) { return reporting(make(at), state); };
        config.links = links;
        config.first = duration::zero();
        config.every = between_checks;
        config.at_most = between_checks;
        return spawn_timer(context, std::move(config));
      },
      handles.options));
  }

  [[nodiscard]] std::vector<const ServiceDescriptor*> called_of(const std::string& callee) const {
    std::vector<const ServiceDescriptor*> result;
    for (const auto& service : plan_.services)
      if (service.part)
        for (const auto& call : part_of(service).used().calls)
          if (call.service == callee && std::ranges::find(result, call.contract) == result.end())
            result.push_back(call.contract);
    return result;
  }

  [[nodiscard]] service_links links_of(const service_plan& service, const service_handles& handles) const {
    const auto& used = part_of(service).used();
    service_links result;
    result.settings = part_of(service).given_settings();
    result.secrets = part_of(service).secrets();
    for (const auto& call : used.calls) {
      const auto& callee = contracts_.at({call.service, call.contract});
      result.callees.emplace(call.service + ' ' + call.contract->full_name(), callee);
    }
    for (const auto& to : used.publishes)
      result.channels.emplace(to.channel,
                              channel_link{handles.publishers.at(to.channel), to.channel, media_type_of(to.channel)});
    for (const auto& store : used.stores)
      result.stores.emplace(store.name, store_link{handles.writer, code_.name, store.name});
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
  std::optional<http::client_engine> http_clients_; // where a peer is called over HTTP
  // By the service, of this process or another.
  std::map<std::pair<std::string, const ServiceDescriptor*>, contract_actor> contracts_;
  std::vector<source_actor> timers_;
  std::vector<own_check> checks_;
};

} // namespace

std::unique_ptr<wiring> wire_code(const program_code& code, const process_plan& plan, const assembly_parts& parts) {
  return std::make_unique<code_wiring>(code, plan, parts);
}

} // namespace troupe::host
