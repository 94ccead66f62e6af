#include <troupe/deploy/host/process/amqp.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/amqp/access.hpp>
#include <troupe/deploy/host/process/channels.hpp>
#include <troupe/deploy/host/process/secrets.hpp>
#include <troupe/deploy/host/topology/topology_text.hpp>

namespace troupe::host {

namespace {

amqp::queue queue_of(const queue_topology& queue) {
  return amqp::work_queue(queue.name, queue.follows == compatibility::reference ? amqp::queue_kind::reference
                                                                                : amqp::queue_kind::quorum);
}

std::vector<const consumer_topology*> consumers_of(const process_plan& plan, const std::string& queue) {
  std::vector<const consumer_topology*> result;
  for (const auto& service : plan.services)
    for (const auto& one : service.consumers)
      if (one.from == queue)
        result.push_back(&one);
  return result;
}

} // namespace

amqp::access_source access_of(const amqp_plan& broker, caf::actor_system& system, secret_source_actor secrets) {
  return [broker, &system, secrets = std::move(secrets)](freshness how) -> expected<amqp::access> {
    const auto url = read_outside(system, secrets, *broker.url, how);
    if (url.has_error())
      return url.error();
    auto result = amqp::parse_url(*url);
    if (result.has_error())
      return failure{result.error().code, to_string(*broker.url) + ": " + result.error().reason};
    if (broker.virtual_host)
      result->virtual_host = *broker.virtual_host;
    return result;
  };
}

amqp::connection connection_of(const amqp_plan& broker, amqp::access_source where) {
  amqp::connection result;
  result.where = std::move(where);
  result.tls = broker.tls;
  result.mechanism = broker.mechanism;
  return result;
}

amqp::publisher_config queue_publisher_of(const process_plan& plan, const std::string& name) {
  amqp::publisher_config result;
  for (const auto& each : plan.queues) {
    const auto queue = queue_of(each);
    if (each.name == name) {
      result.to = queue;
      result.queues = each.made_by;
      if (each.exchange) {
        result.exchange = *each.exchange;
        result.routing_key = each.routing_key.value_or(each.name);
      }
      return result;
    }
    if (amqp::dead_letter_queue_name(each.name) == name) {
      result.to = amqp::dead_letter_queue(queue);
      result.queues = each.made_by;
    }
  }
  return result;
}

amqp::subscription queue_subscription_of(const process_plan& plan, const service_plan& service,
                                         const consumer_topology& consumer) {
  const auto& queue = *std::ranges::find(plan.queues, consumer.from, &queue_topology::name);
  amqp::subscription result{.from = queue_of(queue), .queues = queue.made_by, .consumer_tag = service.name};
  result.prefetch = service.broker->prefetch;
  const auto half_of_it = std::max<std::uint32_t>(1, result.prefetch / 2); // the other half arrives meanwhile
  result.batch = std::clamp<std::uint32_t>(consumer.batch, 1, half_of_it);
  result.batches_in_flight = batches_of(consumer, result.batch);
  result.redelivery = consumer.retry.redelivery;
  result.answer_within = longest_answer(consumer);
  return result;
}

std::vector<std::string> names_at(const process_plan& plan, const amqp_plan& broker) {
  std::vector<std::string> result;
  for (const auto& each : queues_at(plan, broker))
    result.push_back(each.name);
  return result;
}

amqp::wish_list queue_wishes(const process_plan& plan, const amqp_plan& broker) {
  amqp::wish_list result;
  const auto want = [&](const amqp::queue& one) {
    if (std::ranges::find(result.queues, one) == result.queues.end())
      result.queues.push_back(one);
  };
  for (const auto& each : queues_at(plan, broker)) {
    const auto queue = queue_of(each);
    want(queue);
    for (const auto* consumer : consumers_of(plan, each.name))
      for (const auto& one : amqp::queues_around(queue, consumer->retry.redelivery.delays))
        want(one);
    if (!each.exchange)
      continue;
    result.exchanges.push_back({*each.exchange, each.exchange_type});
    result.bindings.push_back({*each.exchange, each.name, each.routing_key.value_or(each.name)});
  }
  return result;
}

expected<std::string> show_broker(const secret& url) {
  const auto read = amqp::parse_url(url);
  if (read.has_error())
    return read.error();
  std::string result = read->how == amqp::encryption::tls ? "amqps://" : "amqp://";
  result += percent_encoded(read->login.username) + ":***@";
  for (const auto& host : read->hosts) {
    const bool is_ipv6 = host.host.find(':') != std::string::npos;
    result += (&host == &read->hosts.front() ? "" : ",") + (is_ipv6 ? '[' + host.host + ']' : host.host) + ':'
              + std::to_string(host.port);
  }
  return result + (read->virtual_host == "/" ? "" : '/' + percent_encoded(read->virtual_host));
}

} // namespace troupe::host
