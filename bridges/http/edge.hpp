#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/greeting_codec.hpp>
#include <troupe/bridges/http/health.hpp>
#include <troupe/bridges/http/listener.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::http {

/// What the edge asks of the rest of the process. The functions run on I/O threads and so never block; with several of
/// those, on any of them. A process without a greeter leaves the greeting routes out.
struct edge_ports {
  greeter_actor greeter;                   ///< null: no greeting routes
  std::function<std::string()> metrics;    ///< in Prometheus' text form 0.0.4
  std::function<health_report()> liveness; ///< never depends on the actor scheduler, which may be what hangs
  std::function<health_report()> readiness;
  std::vector<route> routes; ///< further ones: a page, an API description
  observer_ptr watcher = silent_observer();
  wall_clock clock = system_now;
  random_source random = system_random(); ///< for call and trace ids; asked by one thread at a time
  call_counts_ptr calls = nullptr;        ///< of the greeter by a gateway; null: there is none
};

/// The HTTP edge of a process: greetings, health, metrics and what else is injected, for everybody.
class edge {
public:
  /// Binds and begins to serve. Fails with `invalid` for a configuration that is wrong or an address that cannot be bound,
  /// with `locked` for a port in use.
  static expected<std::unique_ptr<edge>> listen(const edge_config& config, edge_ports ports);

  /// Where it listens, with the port that was taken.
  [[nodiscard]] endpoint local() const { return listener_->local(); }

  /// See `listener`.
  [[nodiscard]] bool accepting() const noexcept { return listener_->accepting(); }
  void stop_accepting() { listener_->stop_accepting(); }
  bool drain(duration at_most) { return listener_->drain(at_most); }

private:
  explicit edge(std::unique_ptr<listener> body) : listener_(std::move(body)) {}

  std::unique_ptr<listener> listener_;
};

} // namespace troupe::http
