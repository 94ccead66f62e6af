#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/http/health.hpp>
#include <troupe/bridges/sqlite/file_health.hpp>
#include <troupe/deploy/host/process/assembly.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// The last time at which the scheduler served an actor that does nothing else. Any thread.
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

/// Spawns the actor that beats every second while the scheduler serves actors.
caf::actor spawn_heartbeat(const spawn_context& context, std::shared_ptr<heartbeat> to);

/// Fails while the scheduler is silent or a handler does not end.
http::health_report liveness(const process_plan& plan, const heartbeat& beat,
                             const actors::supervisor::busiest_actor& busiest, instant now);

/// Fails while a service of the edge or the bridges do not run. Other services are only listed. A service that answers no
/// calls does its work over its connections, and is not ready without them.
http::health_report readiness(const supervision_tree& tree, const process_plan& plan, const std::vector<outside_link>& links,
                              bool draining);

/// Fails while the data file is lost, because nothing is durable then. A log that grows is only a detail.
http::health_check data_check(const sqlite::file_health& file);

} // namespace troupe::host
