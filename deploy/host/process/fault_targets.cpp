#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/deploy/host/process/faults.hpp>
#include <troupe/deploy/host/topology/document_stores.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

namespace {

// The clients of a bridge that call a service of another process: `peers/PEER-client` or `peers/PEER-CONTRACT-client`.
std::vector<std::string> clients_of(const process_plan& plan, const std::string& peer,
                                    const std::vector<std::string>& actors) {
  const auto before = std::string{peers_group} + '/';
  constexpr std::string_view after = "-client";
  const auto begins = [](std::string_view text, const std::string& name) {
    return text.starts_with(name) && (text.size() == name.size() || text[name.size()] == '-');
  };
  std::vector<std::string> result;
  for (const auto& path : actors) {
    if (!path.starts_with(before) || !path.ends_with(after))
      continue;
    const auto name = std::string_view{path}.substr(before.size(), path.size() - before.size() - after.size());
    // The name of another service may begin as this one's.
    const bool is_others = std::ranges::any_of(
      plan.peers, [&](const peer_plan& each) { return each.name.size() > peer.size() && begins(name, each.name); });
    if (begins(name, peer) && !is_others)
      result.push_back(path);
  }
  return result;
}

// The services that others of this process call.
std::vector<const service_plan*> called_here(const process_plan& plan) {
  std::vector<const service_plan*> result;
  for (const auto& each : plan.services)
    if (std::ranges::any_of(plan.services, [&](const service_plan& caller) {
          const auto calls = uses_of(caller).calls;
          return caller.gateway == each.name || std::ranges::find(calls, each.name, &called_service::name) != calls.end();
        }))
      result.push_back(&each);
  return result;
}

std::vector<fault_target> peers_of(const process_plan& plan, const std::vector<std::string>& actors) {
  std::vector<fault_target> result;
  for (const auto& each : plan.peers)
    result.push_back({each.name, clients_of(plan, each.name, actors)});
  for (const auto* const each : called_here(plan)) {
    fault_target one{each->name, {}};
    for (const auto& actor : serving_actors(*each))
      one.actors.push_back(each->name + '/' + actor);
    result.push_back(std::move(one));
  }
  return result;
}

std::vector<fault_target> channels_of(const process_plan& plan, fault_switches& switches) {
  std::vector<fault_target> result;
  for (const auto& service : plan.services)
    for (const auto& each : service.consumers)
      if (std::ranges::find(result, each.from, &fault_target::name) == result.end())
        result.push_back({each.from, {}, switches.pause_of(each.from)});
  return result;
}

} // namespace

fault_targets fault_targets_of(const process_plan& plan, const std::vector<std::string>& actors, fault_switches& switches) {
  fault_targets result;
  std::vector<fault_target> each_actor;
  for (const auto& path : actors)
    each_actor.push_back({path, {path}});
  for (const auto kind : {fault_kind::end_actor, fault_kind::fail_actor, fault_kind::hang_actor})
    result[kind] = each_actor;
  result[fault_kind::pause_channel] = channels_of(plan, switches);
  for (const auto& each : plan.peers)
    result[fault_kind::open_breaker].push_back({each.name, {}, switches.breaker_of(each.name)});
  result[fault_kind::cut_peer] = peers_of(plan, actors);
  for (const auto& each : document_stores(plan))
    for (const auto kind : {fault_kind::delay_store, fault_kind::fail_store})
      result[kind].push_back({each.name, {std::string{bridges_group} + '/' + each.name}});
  std::erase_if(result, [](const auto& one) { return one.second.empty(); });
  return result;
}

} // namespace troupe::host
