#include <troupe/deploy/host/process/health.hpp>

#include <algorithm>
#include <chrono>

#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

namespace {

using standing = http::health_check::standing;

std::string seconds_text(duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

struct heartbeat_state {
  heartbeat_state(caf::event_based_actor* me, std::shared_ptr<heartbeat> where) : self(me), to(std::move(where)) {}

  caf::behavior make_behavior() {
    beat();
    return {[this](caf::tick_atom) { beat(); }};
  }

  void beat() const {
    to->beat(self->clock().now());
    send_later(self, caf::actor{self}, std::chrono::seconds{1}, caf::tick_atom_v);
  }

  caf::event_based_actor* self;
  std::shared_ptr<heartbeat> to;
};

// A restart does not make a service unready: its callers wait in the stash of the actor that is restarted.
bool serves(const supervision_tree& node) {
  if (node.state != child_state::running && (node.state != child_state::restarting || node.incarnation == 0))
    return false;
  return std::all_of(node.children.begin(), node.children.end(), serves);
}

void add_stalls(http::health_report& to, const supervision_tree& node, const std::string& path) {
  if (!node.held_up_by.empty())
    to.checks.push_back({path + "/stalled", standing::degraded, node.held_up_by});
  for (const auto& child : node.children)
    add_stalls(to, child, path.empty() ? child.name : path + '/' + child.name);
}

} // namespace

caf::actor spawn_heartbeat(const spawn_context& context, std::shared_ptr<heartbeat> to) {
  return context.system.spawn<caf::stateful_actor<heartbeat_state>>(std::move(to));
}

http::health_report liveness(const process_plan& plan, const heartbeat& beat,
                             const actors::supervisor::busiest_actor& busiest, instant now) {
  http::health_report result;
  const auto silence = beat.silence(now);
  result.checks.push_back({"scheduler", silence < plan.node.probe_silence ? standing::passing : standing::failing,
                           "last beat " + seconds_text(silence) + " ago"});
  const bool stuck = busiest.busy_for >= plan.node.handler_run;
  result.checks.push_back({"handlers", stuck ? standing::failing : standing::passing,
                           stuck ? busiest.path + " has run for " + seconds_text(busiest.busy_for) : std::string{}});
  return result;
}

http::health_report readiness(const supervision_tree& tree, const process_plan& plan, const std::vector<outside_link>& links,
                              bool draining) {
  http::health_report result;
  result.checks.push_back({"process", draining ? standing::failing : standing::passing, draining ? "draining" : ""});
  for (const auto& child : tree.children) {
    const bool needed =
      std::ranges::find(plan.edge_services, child.name) != plan.edge_services.end() || child.name == bridges_group;
    const auto stands = serves(child) ? standing::passing : needed ? standing::failing : standing::degraded;
    result.checks.push_back({child.name, stands, std::string{to_string(child.state)}});
  }
  for (const auto& link : links) {
    const auto trouble = link.state->trouble();
    const auto service = std::ranges::find(plan.services, link.service, &service_plan::name);
    const bool needed = service != plan.services.end() && !uses_of(*service).answers;
    result.checks.push_back({link.service + '/' + link.actor,
                             !trouble ? standing::passing
                             : needed ? standing::failing
                                      : standing::degraded,
                             trouble ? to_string(*trouble) : std::string{}});
  }
  add_stalls(result, tree, {});
  return result;
}

http::health_check data_check(const sqlite::file_health& file) {
  if (const auto lost = file.files.trouble())
    return {"data", standing::failing, to_string(*lost)};
  if (const auto grows = file.log.trouble())
    return {"data", standing::degraded, to_string(*grows)};
  return {"data", standing::passing, ""};
}

} // namespace troupe::host
