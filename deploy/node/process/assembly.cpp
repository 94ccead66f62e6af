#include <troupe/deploy/node/process/assembly.hpp>

#include <algorithm>
#include <utility>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/db_writer.hpp>
#include <troupe/actors/dead_letter_index.hpp>
#include <troupe/actors/greeter.hpp>
#include <troupe/actors/handler.hpp>
#include <troupe/actors/producer.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/actors/resilient_greeter.hpp>
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
#include <troupe/deploy/node/process/amqp.hpp>
#include <troupe/deploy/node/process/channels.hpp>
#include <troupe/deploy/node/process/kafka.hpp>
#include <troupe/deploy/node/process/peers.hpp>
#include <troupe/deploy/node/tree_names.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::node {

namespace {

using policies::exhaustion;

// One service alone is the process's purpose; among several, the others run on.
exhaustion when_exhausted(const plan& what) {
  return what.services.size() == 1 ? exhaustion::escalates : exhaustion::retry;
}

// A message goes on as it is, with its id and its trace.
actors::delivery_function forward(stored_form as) {
  return [as](const delivery& one) -> reply {
    if (as == stored_form::greeting)
      if (const auto read = greeting_from_json(one.content.payload); read.has_error())
        return {verdict::reject, read.error()};
    return {verdict::done, {errc::none, {}}, {one.content}};
  };
}

} // namespace

// What the actors of one service have so far.
struct assembly::service_handles {
  actors::supervised_group& group;
  actors::child_options options;
  store_actor writer;
  std::map<std::string, publisher_actor> publishers; // by channel
  std::map<std::size_t, handler_actor> effects;      // by consumer: its recorder or logger
  std::map<std::size_t, handler_actor> consumers;
};

assembly::assembly(const plan& what, assembly_parts parts)
  : plan_(what),
    parts_(std::move(parts)),
    tree_(parts_.system, "troupe", what.root, parts_.watcher, parts_.seed, system_now) {
  add_bridges();
  add_peers();
  for (const auto& service : plan_.services)
    add_service(service);
}

void assembly::add_bridges() {
  auto& group =
    tree_.top().add_group(std::string{bridges_group}, plan_.root, {.policy = {.when_exhausted = exhaustion::retry}});
  store_ = group.add("store", [database = parts_.database, keep = plan_.documents](const spawn_context& where) {
    return store::spawn_sqlite_store(where, database, keep);
  });
  if (plan_.kafka || uses_mongodb(plan_) || !brokers_of(plan_).empty())
    add_secrets(group);
  mongodb_ = add_mongodb_stores(group, plan_, parts_.system, secrets_);
  for (const auto& [service, store] : mongodb_)
    links_.push_back({service, "store", store.state});
  add_dead_letters(group);
}

// Bridges ask for addresses and credentials that are kept elsewhere.
void assembly::add_secrets(actors::supervised_group& group) {
  secrets::config told;
  if (asks_aws(plan_))
    told.aws = group.add("aws", [](const spawn_context& where) {
      return aws::spawn_secret_source(where, aws::configure().value()); // tried before anything was started
    });
  secrets_ = group.add("secrets", [told](const spawn_context& where) { return secrets::spawn_secret_source(where, told); });
  if (plan_.kafka)
    kafka_access_ = access_of(*plan_.kafka, parts_.system, secrets_);
}

void assembly::add_dead_letters(actors::supervised_group& group) {
  std::vector keepers{group.add("dead_letters", [database = parts_.database](const spawn_context& where) {
    return embedded::spawn_dead_letters(where, database);
  })};
  if (plan_.kafka)
    keepers.push_back(group.add("kafka_dead_letters",
                                [to = connection_of(*plan_.kafka, kafka_access_), names = kafka_streams(plan_)](
                                  const spawn_context& where) { return kafka::spawn_dead_letters(where, to, names); }));
  const auto first = keepers.size();
  for (const auto& broker : brokers_of(plan_))
    keepers.push_back(group.add(
      keepers.size() == first ? "amqp_dead_letters" : "amqp_dead_letters_" + std::to_string(keepers.size() - first + 1),
      [to = connection_of(broker, access_of(broker, parts_.system, secrets_)),
       names = names_at(plan_, broker)](const spawn_context& where) { return amqp::spawn_dead_letters(where, to, names); }));
  dead_letters_ =
    keepers.size() == 1 ? keepers.front() : group.add("all_dead_letters", [keepers](const spawn_context& where) {
      return actors::spawn_dead_letter_index(where, keepers);
    });
}

// Services of other processes: a client of a bridge, which asks once, behind an actor that makes its calls dependable.
void assembly::add_peers() {
  if (plan_.peers.empty())
    return;
  if (std::ranges::any_of(plan_.peers, is_called_over_http))
    http_clients_.emplace();
  auto& group =
    tree_.top().add_group(std::string{peers_group}, plan_.root, {.policy = {.when_exhausted = exhaustion::retry}});
  for (const auto& peer : plan_.peers) {
    const auto inbox = http_clients_ ? http_clients_->inbox() : nullptr;
    actors::resilient_greeter_config config;
    config.to = group.add(peer.name + "-client", client_factory(plan_, peer, inbox));
    config.name = peer.name;
    config.callee = peer.kind;
    config.retry = plan_.outbound.retry;
    config.budget = plan_.outbound.budget;
    config.breaker = plan_.outbound.breaker;
    config.in_flight = plan_.outbound.in_flight;
    greeters_[peer.name] = group.add(peer.name, [config = std::move(config)](const spawn_context& where) {
      return actors::spawn_resilient_greeter(where, config);
    });
  }
}

// Those that a greeter asks come before it, so that its configuration can name them.
void assembly::add_service(const service_plan& service) {
  if (service.greeter) {
    if (greeters_.contains(service.name))
      return;
    for (const auto& called : service.greeter->calls) {
      const auto found = std::find_if(plan_.services.begin(), plan_.services.end(),
                                      [&](const service_plan& other) { return other.name == called; });
      if (found != plan_.services.end())
        add_service(*found);
    }
  }
  actors::child_options of_group{.policy = {.when_exhausted = when_exhausted(plan_)}};
  service_handles handles{tree_.top().add_group(service.name, service.supervision.policy, of_group),
                          {.stop_within = service.supervision.stop_within, .stash_limit = service.supervision.stash}};
  for (const auto& one : service.actors)
    add_actor(service, one, handles);
}

void assembly::add_actor(const service_plan& service, const actor_plan& one, service_handles& handles) {
  using kind = actor_plan::kind;
  switch (one.what) {
    case kind::writer:
      handles.writer = handles.group.add(
        one.name,
        [to = service.mongodb ? mongodb_.at(service.name).store : store_,
         under_way = service.mongodb ? mongodb::config{}.connections : 1](const spawn_context& where) {
          return actors::spawn_db_writer(where, {.to = to, .under_way = under_way});
        },
        handles.options);
      break;
    case kind::publisher:
      add_publisher(service, one, handles);
      break;
    case kind::greeter:
      add_greeter(service, one, handles);
      break;
    case kind::recorder:
      add_recorder(service.consumers[one.index], one, handles);
      break;
    case kind::forwarder:
      add_forwarder(service.consumers[one.index], one, handles);
      break;
    case kind::logger:
      add_logger(one, handles);
      break;
    case kind::consumer:
      add_consumer(service.consumers[one.index], one, handles);
      break;
    case kind::subscription:
      add_subscription(service, service.consumers[one.index], one, handles);
      break;
    case kind::producer:
      add_producer(service.producers[one.index], one, handles);
      break;
  }
}

void assembly::add_greeter(const service_plan& service, const actor_plan& one, service_handles& handles) {
  const auto& greeter = *service.greeter;
  actors::greeter_config config{.name = service.name,
                                .service = greeter.told_name,
                                .text = greeter.greeting,
                                .hostname = greeter.hostname == hostname_telling::told ? parts_.hostname : std::string{},
                                .form = greeter.form,
                                .split = greeter.split,
                                .default_deadline = greeter.deadline};
  for (const auto& called : greeter.calls)
    config.downstream.push_back({called, greeters_.at(called)});
  if (greeter.publish)
    config.publish_to = handles.publishers.at(greeter.publish->name);
  if (greeter.store)
    config.store = actors::greeter_store_step{.to = handles.writer,
                                              .database = greeter.store->into.database,
                                              .collection = greeter.store->into.collection,
                                              .form = greeter.store->form,
                                              .keeps = greeter.store->keep == kept_greeting::callers
                                                         ? actors::greeter_store_step::kept::callers
                                                         : actors::greeter_store_step::kept::own};
  greeters_[service.name] = handles.group.add(
    one.name, [config = std::move(config)](const spawn_context& where) { return actors::spawn_greeter(where, config); },
    handles.options);
}

void assembly::add_recorder(const consumer_plan& consumer, const actor_plan& one, service_handles& handles) {
  const auto& into = consumer.store->into;
  const auto documents = consumer.store->as == stored_form::greeting
                           ? actors::greeting_documents(into.database, into.collection, consumer.store->form)
                           : actors::text_documents(into.database, into.collection);
  handles.effects[one.index] = handles.group.add(
    one.name,
    [documents, to = handles.writer](const spawn_context& where) {
      return actors::spawn_recorder(where, {.to_document = documents, .store = to});
    },
    handles.options);
}

void assembly::add_forwarder(const consumer_plan& consumer, const actor_plan& one, service_handles& handles) {
  handles.effects[one.index] = handles.group.add(
    one.name, [as = consumer.as](const spawn_context& where) { return actors::spawn_handler(where, forward(as)); },
    handles.options);
}

void assembly::add_logger(const actor_plan& one, service_handles& handles) const {
  handles.effects[one.index] = handles.group.add(
    one.name,
    [host = parts_.hostname](const spawn_context& where) {
      const auto log = [host, watcher = where.watcher, service = where.service(),
                        actor = where.actor()](const delivery& what) {
        watcher->log(severity::info, {service, actor, &what.content.trace},
                     host + " received message: " + what.content.payload);
        return reply{};
      };
      return actors::spawn_handler(where, log);
    },
    handles.options);
}

void assembly::add_consumer(const consumer_plan& consumer, const actor_plan& one, service_handles& handles) {
  actors::consumer_config config{.handler = handles.effects.at(one.index),
                                 .retry = consumer.retry.in_place,
                                 .breaker = consumer.breaker,
                                 .timeout = consumer.timeout};
  handles.consumers[one.index] = handles.group.add(
    one.name, [config = std::move(config)](const spawn_context& where) { return actors::spawn_consumer(where, config); },
    handles.options);
}

kafka::connection assembly::kafka_connection(const service_plan& service, const actor_plan& one) {
  auto result = connection_of(*plan_.kafka, kafka_access_);
  result.client_id = service.name + '-' + one.name;
  links_.push_back({service.name, one.name, result.state});
  return result;
}

amqp::connection assembly::amqp_connection(const service_plan& service, const actor_plan& one) {
  auto result = connection_of(*service.amqp, access_of(*service.amqp, parts_.system, secrets_));
  result.name = service.name + '-' + one.name;
  links_.push_back({service.name, one.name, result.state});
  return result;
}

void assembly::add_publisher(const service_plan& service, const actor_plan& one, service_handles& handles) {
  auto& publisher = handles.publishers[one.channel->name];
  if (one.channel->via == transport::kafka)
    publisher = handles.group.add(
      one.name,
      [to = kafka_connection(service, one), config = topic_publisher_of(plan_, *one.channel)](const spawn_context& where) {
        return kafka::spawn_publisher(where, to, config);
      },
      handles.options);
  else if (one.channel->via == transport::amqp)
    publisher = handles.group.add(
      one.name,
      [to = amqp_connection(service, one), config = queue_publisher_of(plan_, *one.channel)](const spawn_context& where) {
        return amqp::spawn_publisher(where, to, config);
      },
      handles.options);
  else
    publisher = handles.group.add(
      one.name,
      [database = parts_.database, to = destination_of(plan_, *one.channel)](const spawn_context& where) {
        return embedded::spawn_publisher(where, database, to);
      },
      handles.options);
}

void assembly::add_subscription(const service_plan& service, const consumer_plan& consumer, const actor_plan& one,
                                service_handles& handles) {
  const auto handler = handles.consumers.at(one.index);
  if (consumer.from.via == transport::kafka)
    subscriptions_.push_back(handles.group.add(
      one.name,
      [to = kafka_connection(service, one),
       what = topic_subscription_of(plan_, consumer, one, parts_.hostname, parts_.process_id), handler,
       letters = handles.publishers.at(kafka::dead_letter_topic(consumer.from.name)),
       retries = consumer.retries ? handles.publishers.at(consumer.retries->name) : publisher_actor{}](
        const spawn_context& where) { return kafka::spawn_source(where, to, what, handler, letters, retries); },
      handles.options));
  else if (consumer.from.via == transport::amqp)
    subscriptions_.push_back(handles.group.add(
      one.name,
      [to = amqp_connection(service, one), what = queue_subscription_of(plan_, service, consumer), handler,
       letters = handles.publishers.at(amqp::dead_letter_queue_name(consumer.from.name))](const spawn_context& where) {
        return amqp::spawn_source(where, to, what, handler, letters);
      },
      handles.options));
  else
    subscriptions_.push_back(handles.group.add(
      one.name,
      [database = parts_.database, what = subscription_of(plan_, consumer), handler](const spawn_context& where) {
        return embedded::spawn_source(where, database, what, handler);
      },
      handles.options));
}

void assembly::add_producer(const producer_plan& producer, const actor_plan& one, service_handles& handles) {
  actors::producer_config config{.to = handles.publishers.at(producer.to.name),
                                 .channel = producer.to.name,
                                 .text = producer.text,
                                 .hostname = parts_.hostname,
                                 .every = producer.every,
                                 .batch = producer.batch,
                                 .in_flight = producer.in_flight,
                                 .limit = producer.limit};
  producers_.push_back(handles.group.add(
    one.name, [config = std::move(config)](const spawn_context& where) { return actors::spawn_producer(where, config); },
    handles.options));
}

} // namespace troupe::node
