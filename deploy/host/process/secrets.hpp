#pragma once

#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::host {

/// Reads a secret and blocks until it is there. A failure names the reference.
expected<secret> read_outside(caf::actor_system& system, const secret_source_actor& from, const secret_reference& kept,
                              freshness how);

/// Where the secrets may be kept.
enum class keepers : std::uint8_t { this_machine, aws_too };

/// Reads secrets for a command that runs no services: it has an actor system, which ends with it.
class outside_secrets {
public:
  explicit outside_secrets(keepers from);
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

} // namespace troupe::host
