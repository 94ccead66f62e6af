#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/http/health.hpp>
#include <troupe/bridges/sqlite/file_health.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/deploy/node/process/assembly.hpp>

namespace troupe::node {

/// Told by an actor that does nothing else, and read off the actor scheduler. Any thread.
class heartbeat {
public:
  explicit heartbeat(instant now) noexcept : last_(now.time_since_epoch().count()) {}

  void beat(instant now) noexcept { last_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }

  [[nodiscard]] duration silence(instant now) const noexcept {
    return now - instant{duration{last_.load(std::memory_order_relaxed)}};
  }

private:
  std::atomic<instant::rep> last_;
};

/// Spawns the actor that tells that the scheduler serves actors: a beat every second.
caf::actor spawn_heartbeat(const spawn_context& context, std::shared_ptr<heartbeat> to);

/// Whether the process stands in the way of its own work: the scheduler is silent, or a handler does not end.
http::health_report liveness(const plan& what, const heartbeat& beat, const actors::supervisor::busiest_actor& busiest,
                             instant now);

/// Whether an answer can be given: `edge_service` runs, and so do the bridges. Other services are told, and decide nothing.
/// A service without a greeter does its work over its connections, and is not ready without them.
http::health_report readiness(const supervision_tree& tree, const plan& what, const std::vector<outside_link>& links,
                              bool draining);

/// How the data file fares: without it nothing is durable, and nobody is ready; that its log grows is told, and decides
/// nothing.
http::health_check data_check(const sqlite::file_health& file);

} // namespace troupe::node
