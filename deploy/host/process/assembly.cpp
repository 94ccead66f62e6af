#include <troupe/deploy/host/process/assembly.hpp>

#include <algorithm>
#include <utility>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/db_writer.hpp>
#include <troupe/actors/dead_letter_index.hpp>
#include <troupe/actors/producer.hpp>
#include <troupe/bridges/amqp/dead_letters.hpp>
#include <troupe/bridges/amqp/publisher.hpp>
#include <troupe/bridges/amqp/source.hpp>
#include <troupe/bridges/aws/secret_source.hpp>
#include <troupe/bridges/embedded/dead_letters.hpp>
#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>
#include <troupe/bridges/kafka/dead_letters.hpp>
#include <troupe/bridges/kafka/publisher.hpp>
#include <troupe/bridges/kafka/source.hpp>
#include <troupe/bridges/secrets/secret_source.hpp>
#include <troupe/bridges/store/sqlite_store.hpp>
#include <troupe/deploy/host/process/amqp.hpp>
#include <troupe/deploy/host/process/channels.hpp>
#include <troupe/deploy/host/process/kafka.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

namespace {

using policies::exhaustion;

// A service that is alone ends the process; where there are several, the others run on.
exhaustion when_exhausted(const process_plan& plan) {
  return plan.services.size() == 1 ? exhaustion::escalates : exhaustion::retry;
}

} // namespace

// With those that only the assembly knows.
struct assembly::service_actors : service_handles {
  std::map<std::size_t, handler_actor> effects; // by consumer: its recorder, forwarder, handler or logger
  std::map<std::size_t, handler_actor> consumers;
};

assembly::assembly(const process_plan& plan, const assembly_parts& parts, const wiring_factory& code)
  : plan_(plan),
    parts_(parts),
    root_{.failed_retry = plan.node.retry_failed},
    code_(code(plan_, parts_)),
    tree_(parts_.system, plan.program, root_, parts_.watcher, parts_.seed, system_now) {
  add_bridges();
  add_peers();
  for (const auto& service : plan_.services)
    add_service(service);
}

void assembly::add_bridges() {
  auto& group = tree_.top().add_group(std::string{bridges_group}, root_, {.policy = {.when_exhausted = exhaustion::retry}});
  store_ = group.add(std::string{store_actor_name},
                     [database = parts_.database, keep = plan_.node.documents](const spawn_context& context) {
                       return store::spawn_sqlite_store(context, database, keep);
                     });
  if (plan_.uses_kafka || uses_mongodb(plan_) || !brokers_of(plan_).empty())
    add_secrets(group);
  mongodb_ = add_mongodb_stores(group, plan_, parts_.system, secrets_);
  for (const auto& [service, store] : mongodb_)
    links_.push_back({service, "store", store.state});
  add_dead_letters(group);
}

// Bridges read addresses and credentials through an actor.
void assembly::add_secrets(actors::supervised_group& group) {
  secrets::config config;
  if (asks_aws(plan_))
    config.aws = group.add("aws", [](const spawn_context& context) {
      return aws::spawn_secret_source(context, aws::configure().value()); // tried before the assembly started
    });
  secrets_ =
    group.add("secrets", [config](const spawn_context& context) { return secrets::spawn_secret_source(context, config); });
  if (plan_.uses_kafka)
    kafka_access_ = access_of(plan_.node.kafka, parts_.system, secrets_);
}

void assembly::add_dead_letters(actors::supervised_group& group) {
  std::vector keepers{group.add("dead_letters", [database = parts_.database](const spawn_context& context) {
    return embedded::spawn_dead_letters(context, database);
  })};
  if (plan_.uses_kafka)
    keepers.push_back(group.add("kafka_dead_letters",
                                [to = connection_of(plan_.node.kafka, kafka_access_), names = kafka_streams(plan_)](
                                  const spawn_context& context) { return kafka::spawn_dead_letters(context, to, names); }));
  const auto first = keepers.size();
  for (const auto& broker : brokers_of(plan_))
    keepers.push_back(group.add(
      keepers.size() == first ? "amqp_dead_letters" : "amqp_dead_letters_" + std::to_string(keepers.size() - first + 1),
      [to = connection_of(broker, access_of(broker, parts_.system, secrets_)), names = names_at(plan_, broker)](
        const spawn_context& context) { return amqp::spawn_dead_letters(context, to, names); }));
  dead_letters_ =
    keepers.size() == 1 ? keepers.front() : group.add("all_dead_letters", [keepers](const spawn_context& context) {
      return actors::spawn_dead_letter_index(context, keepers);
    });
}

void assembly::add_peers() {
  if (plan_.peers.empty())
    return;
  auto& group = tree_.top().add_group(std::string{peers_group}, root_, {.policy = {.when_exhausted = exhaustion::retry}});
  for (const auto& peer : plan_.peers)
    code_->add_peer(group, peer);
}

// The services that a service calls are added before it, so that its code has their handles.
void assembly::add_service(const service_plan& service) {
  if (!added_.insert(service.name).second)
    return;
  for (const auto& called : uses_of(service).calls) {
    const auto found = std::ranges::find(plan_.services, called.name, &service_plan::name);
    if (found != plan_.services.end())
      add_service(*found);
  }
  actors::child_options of_group{.policy = {.when_exhausted = when_exhausted(plan_)}};
  service_actors handles{{tree_.top().add_group(service.name, service.supervision.policy, of_group),
                          {.stop_within = service.supervision.stop_within, .stash_limit = service.supervision.stash}}};
  for (const auto& one : service.actors)
    add_actor(service, one, handles);
}

void assembly::add_actor(const service_plan& service, const actor_plan& one, service_actors& handles) {
  switch (one.kind) {
    case actor_kind::writer:
      handles.writer = handles.group.add(
        one.name,
        [to = service.document_server ? mongodb_.at(service.name).store : store_,
         under_way = service.document_server ? mongodb::config{}.connections : 1](const spawn_context& context) {
          return actors::spawn_db_writer(context, {.to = to, .under_way = under_way});
        },
        handles.options);
      break;
    case actor_kind::publisher:
      add_publisher(service, one, handles);
      break;
    case actor_kind::code:
      code_->add_code(service, one, handles);
      break;
    case actor_kind::recorder:
      add_recorder(service, one, handles);
      break;
    case actor_kind::forwarder:
      add_forwarder(service.consumers[one.index], one, handles);
      break;
    case actor_kind::handler:
      handles.effects[one.index] = code_->add_handler(service, one, handles);
      break;
    case actor_kind::logger:
      add_logger(one, handles);
      break;
    case actor_kind::consumer:
      add_consumer(service.consumers[one.index], one, handles);
      break;
    case actor_kind::subscription:
      add_subscription(service, service.consumers[one.index], one, handles);
      break;
    case actor_kind::producer:
      add_producer(service.producers[one.index], one, handles);
      break;
  }
}

void assembly::add_recorder(const service_plan& service, const actor_plan& one, service_actors& handles) {
  handles.effects[one.index] = handles.group.add(
    one.name,
    [documents = code_->documents_of(service, service.consumers[one.index]), to = handles.writer](
      const spawn_context& context) { return actors::spawn_recorder(context, {.to_document = documents, .store = to}); },
    handles.options);
}

void assembly::add_forwarder(const consumer_topology& consumer, const actor_plan& one, service_actors& handles) {
  handles.effects[one.index] = handles.group.add(
    one.name,
    [forward = code_->forwarding_of(consumer)](const spawn_context& context) {
      return actors::spawn_handler(context, forward);
    },
    handles.options);
}

void assembly::add_logger(const actor_plan& one, service_actors& handles) const {
  handles.effects[one.index] = handles.group.add(
    one.name,
    [host = parts_.hostname](const spawn_context& context) {
      const auto log = [host, watcher = context.watcher, service = context.service(),
                        actor = context.actor()](const delivery& received) {
        watcher->log(severity::info, {service, actor, &received.content.trace, log_text::payload},
                     host + " received message: " + received.content.payload);
        return reply{};
      };
      return actors::spawn_handler(context, log);
    },
    handles.options);
}

void assembly::add_consumer(const consumer_topology& consumer, const actor_plan& one, service_actors& handles) {
  actors::consumer_config config{.handler = handles.effects.at(one.index),
                                 .retry = consumer.retry.in_place,
                                 .breaker = consumer.breaker,
                                 .pause = parts_.faults->pause_of(consumer.from),
                                 .timeout = consumer.timeout};
  handles.consumers[one.index] = handles.group.add(
    one.name, [config = std::move(config)](const spawn_context& context) { return actors::spawn_consumer(context, config); },
    handles.options);
}

kafka::connection assembly::kafka_connection(const service_plan& service, const actor_plan& one) {
  auto result = connection_of(plan_.node.kafka, kafka_access_);
  result.client_id = service.name + '-' + one.name;
  links_.push_back({service.name, one.name, result.state});
  return result;
}

amqp::connection assembly::amqp_connection(const service_plan& service, const actor_plan& one) {
  auto result = connection_of(*service.broker, access_of(*service.broker, parts_.system, secrets_));
  result.name = service.name + '-' + one.name;
  links_.push_back({service.name, one.name, result.state});
  return result;
}

void assembly::add_publisher(const service_plan& service, const actor_plan& one, service_actors& handles) {
  auto& publisher = handles.publishers[one.channel->name];
  if (one.channel->via == transport::kafka)
    publisher = handles.group.add(
      one.name,
      [to = kafka_connection(service, one), config = topic_publisher_of(plan_, one.channel->name)](
        const spawn_context& context) { return kafka::spawn_publisher(context, to, config); },
      handles.options);
  else if (one.channel->via == transport::amqp)
    publisher = handles.group.add(
      one.name,
      [to = amqp_connection(service, one), config = queue_publisher_of(plan_, one.channel->name)](
        const spawn_context& context) { return amqp::spawn_publisher(context, to, config); },
      handles.options);
  else
    publisher = handles.group.add(
      one.name,
      [database = parts_.database, to = destination_of(plan_, one.channel->name)](const spawn_context& context) {
        return embedded::spawn_publisher(context, database, to);
      },
      handles.options);
}

void assembly::add_subscription(const service_plan& service, const consumer_topology& consumer, const actor_plan& one,
                                service_actors& handles) {
  const auto handler = handles.consumers.at(one.index);
  const auto retry_topic = retry_topic_of(consumer);
  if (one.channel->via == transport::kafka)
    subscriptions_.push_back(handles.group.add(
      one.name,
      [to = kafka_connection(service, one),
       config = topic_subscription_of(plan_, consumer, one, parts_.hostname, parts_.process_id), handler,
       letters = handles.publishers.at(kafka::dead_letter_topic(consumer.from)),
       retries = retry_topic ? handles.publishers.at(*retry_topic) : publisher_actor{}](const spawn_context& context) {
        return kafka::spawn_source(context, to, config, handler, letters, retries);
      },
      handles.options));
  else if (one.channel->via == transport::amqp)
    subscriptions_.push_back(handles.group.add(
      one.name,
      [to = amqp_connection(service, one), config = queue_subscription_of(plan_, service, consumer), handler,
       letters = handles.publishers.at(amqp::dead_letter_queue_name(consumer.from))](const spawn_context& context) {
        return amqp::spawn_source(context, to, config, handler, letters);
      },
      handles.options));
  else
    subscriptions_.push_back(handles.group.add(
      one.name,
      [database = parts_.database, config = subscription_of(plan_, consumer), handler](const spawn_context& context) {
        return embedded::spawn_source(context, database, config, handler);
      },
      handles.options));
}

void assembly::add_producer(const producer_topology& producer, const actor_plan& one, service_actors& handles) {
  actors::producer_config config{.to = handles.publishers.at(producer.to),
                                 .channel = producer.to,
                                 .text = producer.text,
                                 .hostname = parts_.hostname,
                                 .media_type = producer.media_type,
                                 .every = producer.every,
                                 .batch = producer.batch,
                                 .in_flight = producer.in_flight,
                                 .limit = producer.limit};
  producers_.push_back(handles.group.add(
    one.name, [config = std::move(config)](const spawn_context& context) { return actors::spawn_producer(context, config); },
    handles.options));
}

} // namespace troupe::host
