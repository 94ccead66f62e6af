#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <troupe/actors/handler.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::bench {

/// A topic's publisher, and where something handles what it carries a member of a group: supervised and measured, on as many
/// workers, as the program has them. Runs from construction until destruction.
class kafka_platform {
public:
  using handler_maker = std::function<handler_actor(const spawn_context&)>;

  /// With a publisher alone.
  kafka_platform(const kafka::connection& to, const kafka::publisher_config& config);
  /// With both.
  kafka_platform(const kafka::connection& to, const kafka::subscription& config, handler_maker handler);
  kafka_platform(const kafka::connection& to, const kafka::subscription& config, actors::delivery_function handle);
  kafka_platform(const kafka_platform&) = delete;
  kafka_platform& operator=(const kafka_platform&) = delete;
  ~kafka_platform();

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const publisher_actor& publisher() const noexcept { return publisher_; }

  /// Has the member commit what is settled and leave its group. Nothing may be on its way to the handler.
  void settle();

  /// How many commits there were.
  [[nodiscard]] double commits() const;

private:
  std::shared_ptr<telemetry::telemetry> watcher_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  actors::supervisor tree_;
  actors::supervised_group& service_;
  publisher_actor publisher_;
  source_actor source_;
};

} // namespace troupe::bench
