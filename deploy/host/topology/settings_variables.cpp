#include <troupe/deploy/host/topology/settings_variables.hpp>

#include <algorithm>
#include <array>

#include <troupe/deploy/host/topology/topology_validation.hpp>

namespace troupe::host {

namespace {

bool keeps_documents(const topology& /*whole*/, const service_topology& service) {
  return stores(service);
}

bool uses_queue(const topology& whole, const service_topology& service) {
  return std::ranges::any_of(whole.queues, [&](const queue_topology& one) { return uses_channel(service, one.name); });
}

void set_broker(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  variable.give_secret(service, service.amqp);
}

void set_mongodb(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  variable.give_secret(service, service.mongodb);
}

bool is_any(const topology& /*whole*/, const service_topology& /*service*/) {
  return true;
}

void set_traced_name(topology& /*whole*/, service_topology& service, const set_variable& variable) {
  variable.give(service, service.traced_as, variable.text, settings::short_text);
}

constexpr std::array all_variables{
  service_variable{"OTEL_SERVICE_NAME", is_any, set_traced_name, bare_form::one},
  service_variable{"RABBITMQ_CONN", uses_queue, set_broker, bare_form::all},
  service_variable{"MONGO_CONN", keeps_documents, set_mongodb, bare_form::all},
};

} // namespace

std::span<const service_variable> service_variables() noexcept {
  return all_variables;
}

std::string variable_prefix(std::string_view service) {
  std::string result;
  for (const char c : service)
    result += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  return result + '_';
}

bool is_kubernetes_link(std::string_view suffix, std::string_view value) noexcept {
  return suffix.starts_with("SERVICE_HOST") || suffix.starts_with("SERVICE_PORT") || suffix.starts_with("PORT_")
         || (suffix == "PORT" && value.find("://") != std::string_view::npos);
}

} // namespace troupe::host
