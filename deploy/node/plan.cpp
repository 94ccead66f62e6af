#include <troupe/deploy/node/plan.hpp>

#include <algorithm>

namespace troupe::node {

namespace {

bool by_aws(const secret_reference& one) noexcept {
  return one.keeper == secret_keeper::secrets_manager || one.keeper == secret_keeper::parameter_store;
}

bool by_aws(const std::optional<secret_reference>& one) noexcept {
  return one && by_aws(*one);
}

} // namespace

bool asks_aws(const kafka::cluster_config& what) noexcept {
  return std::ranges::any_of(what.brokers, [](const std::string& one) { return one.starts_with("aws-"); })
         || by_aws(what.credentials) || by_aws(what.password);
}

bool asks_aws(const amqp_plan& what) noexcept {
  return by_aws(what.url);
}

bool asks_aws(const plan& what) noexcept {
  return (what.kafka && asks_aws(*what.kafka)) || std::ranges::any_of(what.services, [](const service_plan& one) {
           return (one.mongodb && by_aws(one.mongodb->uri)) || (one.amqp && asks_aws(*one.amqp));
         });
}

bool uses_mongodb(const plan& what) noexcept {
  return std::ranges::any_of(what.services, [](const service_plan& one) { return one.mongodb.has_value(); });
}

std::vector<amqp_plan> brokers_of(const plan& what) {
  std::vector<amqp_plan> result;
  for (const auto& service : what.services)
    if (service.amqp && std::ranges::find(result, service.amqp->url, &amqp_plan::url) == result.end())
      result.push_back(*service.amqp);
  return result;
}

std::vector<queue_topology> queues_at(const plan& what, const amqp_plan& whose) {
  std::vector<queue_topology> result;
  const auto uses = [&](const service_plan& service, const queue_topology& queue) {
    return service.amqp && service.amqp->url == whose.url && std::ranges::any_of(service.actors, [&](const actor_plan& one) {
             return one.channel && one.channel->name == queue.name;
           });
  };
  for (const auto& queue : what.queues)
    if (queue.via == transport::amqp
        && std::ranges::any_of(what.services, [&](const service_plan& service) { return uses(service, queue); }))
      result.push_back(queue);
  return result;
}

std::string_view to_string(actor_plan::kind what) noexcept {
  switch (what) {
    case actor_plan::kind::writer:
      return "writer";
    case actor_plan::kind::publisher:
      return "publisher";
    case actor_plan::kind::greeter:
      return "greeter";
    case actor_plan::kind::recorder:
      return "recorder";
    case actor_plan::kind::forwarder:
      return "forwarder";
    case actor_plan::kind::logger:
      return "logger";
    case actor_plan::kind::consumer:
      return "consumer";
    case actor_plan::kind::subscription:
      return "subscription";
    case actor_plan::kind::producer:
      return "producer";
  }
  return "actor";
}

} // namespace troupe::node
