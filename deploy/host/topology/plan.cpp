#include <troupe/deploy/host/topology/plan.hpp>

#include <algorithm>

namespace troupe::host {

namespace {

bool by_aws(const std::optional<secret_reference>& kept) noexcept {
  return kept && (kept->keeper == secret_keeper::secrets_manager || kept->keeper == secret_keeper::parameter_store);
}

} // namespace

std::vector<std::string> serving_actors(const service_plan& service) {
  std::vector<std::string> result;
  if (service.part && service.part->uses().answers)
    for (const auto& each : service.part->actors())
      if (!each.role.starts_with("timer") && !each.role.starts_with("health"))
        result.push_back(each.name);
  return result;
}

bool runs_here(const process_plan& plan, std::string_view service) noexcept {
  return std::ranges::find(plan.services, service, &service_plan::name) != plan.services.end();
}

std::optional<std::string> retry_topic_of(const consumer_topology& consumer) {
  return consumer.retry.delayed_in == retry_location::topic ? std::optional{consumer.from + ".retry"} : std::nullopt;
}

bool asks_aws(const kafka::cluster_config& cluster) noexcept {
  return std::ranges::any_of(cluster.brokers, [](const std::string& one) { return one.starts_with("aws-"); })
         || by_aws(cluster.credentials) || by_aws(cluster.password);
}

bool asks_aws(const amqp_plan& broker) noexcept {
  return by_aws(broker.url);
}

bool asks_aws(const process_plan& plan) noexcept {
  return (plan.uses_kafka && asks_aws(plan.node.kafka)) || std::ranges::any_of(plan.services, [](const service_plan& one) {
           return (one.document_server && by_aws(one.document_server->uri)) || (one.broker && asks_aws(*one.broker));
         });
}

bool exports_traces(const process_plan& plan) noexcept {
  return plan.node.traces.spans == tracing::on && otlp::exports(plan.node.traces.out);
}

bool uses_mongodb(const process_plan& plan) noexcept {
  return std::ranges::any_of(plan.services, [](const service_plan& one) { return one.document_server.has_value(); });
}

std::vector<amqp_plan> brokers_of(const process_plan& plan) {
  std::vector<amqp_plan> result;
  for (const auto& service : plan.services)
    if (service.broker && std::ranges::find(result, service.broker->url, &amqp_plan::url) == result.end())
      result.push_back(*service.broker);
  return result;
}

std::vector<queue_topology> queues_at(const process_plan& plan, const amqp_plan& broker) {
  std::vector<queue_topology> result;
  const auto uses = [&](const service_plan& service, const queue_topology& queue) {
    return service.broker && service.broker->url == broker.url
           && std::ranges::any_of(service.actors,
                                  [&](const actor_plan& one) { return one.channel && one.channel->name == queue.name; });
  };
  for (const auto& queue : plan.queues)
    if (queue.via == transport::amqp
        && std::ranges::any_of(plan.services, [&](const service_plan& service) { return uses(service, queue); }))
      result.push_back(queue);
  return result;
}

const stream_topology* find_stream(const process_plan& plan, const std::string& name) noexcept {
  const auto found = std::ranges::find(plan.streams, name, &stream_topology::name);
  return found == plan.streams.end() ? nullptr : &*found;
}

} // namespace troupe::host
