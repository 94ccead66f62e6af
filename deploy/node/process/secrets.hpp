#pragma once

#include <troupe/deploy/node/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::node {

/// What reads the secrets of a plan for a command that runs no services: an actor system of its own, which ends with it.
class outside_secrets {
public:
  explicit outside_secrets(const kafka_plan& what);
  ~outside_secrets();
  outside_secrets(const outside_secrets&) = delete;
  outside_secrets& operator=(const outside_secrets&) = delete;

  [[nodiscard]] caf::actor_system& system() const noexcept { return *system_; }
  [[nodiscard]] const secret_source_actor& keeper() const noexcept { return keeper_; }

private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  secret_source_actor aws_;
  secret_source_actor keeper_;
};

} // namespace troupe::node
