#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/deploy/host/topology/topology_scalar.hpp>

namespace troupe::host {

/// A variable that is set, on its way into a setting.
struct set_variable {
  const std::string& name;
  const std::string& text;
  diagnostics& found;

  [[nodiscard]] setting_source source() const { return {setting_source::kind::environment, {}, name}; }

  void refuse(std::string problem, std::string expected, std::string near = {}) const {
    add_mistake(found, source(), {}, std::move(problem), std::move(expected), std::move(near));
  }

  template <class T, class Rule>
  void give(sourced& owner, T& into, const std::string& value, const Rule& rule) const {
    misreading why;
    if (auto read = read_scalar<T>(value, rule, why))
      owner.give(into, std::move(*read), source());
    else
      refuse(std::move(why.problem), std::move(why.expected), std::move(why.nearest));
  }

  /// A variable that holds a secret is where the secret is to be read.
  void give_secret(sourced& owner, std::optional<secret_reference>& into) const {
    owner.give(into, std::optional{secret_reference{secret_keeper::environment, name, {}, {}}}, source());
  }
};

/// Whom a variable without a service's prefix means.
enum class bare_form : std::uint8_t {
  one, ///< the only service that runs
  all  ///< every service of the process: it is the process's own
};

/// A variable that means a service: which services have what it sets, and how it is set.
struct service_variable {
  std::string_view name;
  bool (*applies)(const topology&, const service_topology&);
  void (*apply)(topology&, service_topology&, const set_variable&);
  bare_form alone = bare_form::one;
};

/// Those of every program.
std::span<const service_variable> service_variables() noexcept;

/// The prefix of a service's own variables: SERVICE_A_ for service-a.
std::string variable_prefix(std::string_view service);

/// Whether Kubernetes made the variable. It gives every pod variables such as SERVICE_A_PORT=tcp://10.0.0.1:8080 and
/// SERVICE_A_SERVICE_PORT for each Service of its namespace; `suffix` is what follows the prefix.
/// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
bool is_kubernetes_link(std::string_view suffix, std::string_view value) noexcept;

} // namespace troupe::host
