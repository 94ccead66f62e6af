#include <troupe/deploy/host/topology/extension.hpp>

#include <troupe/deploy/host/topology/settings_variables.hpp>

namespace troupe::host {

std::vector<std::string> extension::stored_forms() const {
  return {std::string{text_form_name}};
}

void extension::prepare(node_topology& /*node*/) const {}

void extension::complete(topology& /*whole*/, diagnostics& /*found*/) const {}

void extension::apply_environment(node_topology& /*node*/, const variables& /*environment*/, diagnostics& /*found*/) const {}

void extension::apply_option(node_topology& /*node*/, const std::string& /*name*/, const std::string& /*text*/,
                             diagnostics& /*found*/) const {}

void extension::apply_defaults(topology& /*whole*/) const {}

std::span<const service_variable> extension::service_variables() const noexcept {
  return {};
}

} // namespace troupe::host
