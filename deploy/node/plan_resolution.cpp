#include <troupe/deploy/node/plan_resolution.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/node/settings_variables.hpp>
#include <troupe/deploy/node/topology_validation.hpp>
#include <troupe/deploy/node/tree_names.hpp>

namespace troupe::node {

namespace {

channel_plan resolve_channel(const topology& whole, const std::string& name) {
  if (const auto* stream = find_stream(whole, name))
    return {channel_plan::kind::stream, name, *stream->via};
  return {channel_plan::kind::queue, name, *find_queue(whole, name)->via};
}

document_form document_form_of(platform_form told) noexcept {
  return told == platform_form::http ? document_form::http : document_form::grpc;
}

greeter_plan resolve_greeter(const topology& whole, const service_topology& service) {
  const auto& told = *service.greeter;
  greeter_plan result;
  result.told_name = told.name->value_or(service.name);
  result.greeting = *told.greeting;
  result.hostname = *told.tell_hostname;
  for (const auto& call : told.calls)
    result.calls.push_back(*call);
  if (*told.publish)
    result.publish = resolve_channel(whole, **told.publish);
  result.form = document_form_of(*told.form);
  if (*told.store)
    result.store = greeter_store_plan{**told.store, result.form, *told.keep};
  result.default_deadline = *told.deadline;
  result.split = {.kept_share = *told.keep_back, .kept_at_least = *told.keep_back_least};
  return result;
}

producer_plan resolve_producer(const topology& whole, const producer_topology& told) {
  return {.name = told.name->value_or(""),
          .to = resolve_channel(whole, *told.to),
          .text = *told.text,
          .every = *told.every,
          .batch = *told.batch,
          .in_flight = *told.in_flight,
          .limit = *told.limit};
}

/// A service writes all its documents in one form: that of its greeter, where it has one.
document_form form_of_documents(const topology& whole, const service_topology& service) {
  if (service.greeter)
    return document_form_of(*service.greeter->form);
  return *whole.node.reference == reference_family::grpc ? document_form::grpc : document_form::http;
}

consumer_plan resolve_consumer(const topology& whole, const service_topology& service, const consumer_topology& told) {
  consumer_plan result;
  result.name = told.name->value_or("");
  result.from = resolve_channel(whole, *told.from);
  result.group = told.group->value_or("");
  if (*told.store)
    result.store = consumer_store_plan{**told.store, *told.as, form_of_documents(whole, service)};
  if (*told.into)
    result.into = resolve_channel(whole, **told.into);
  result.into_as = *told.as;
  result.member = *told.member;
  result.batch = *told.batch;
  result.credit = *told.credit;
  result.timeout = *told.timeout;
  result.retry = {.attempts = *told.retry.attempts, .first = *told.retry.first, .factor = *told.retry.factor};
  result.breaker = {.failures = *told.breaker.failures, .open_for = *told.breaker.open};
  result.redelivery.delays = *told.retry.delayed;
  result.redelivery.process_ending_attempts = *told.retry.process_ending;
  result.redelivery.span_limit = *told.unsettled;
  if (*told.retry.delayed_in == retry_place::topic)
    result.retries = {channel_plan::kind::stream, result.from.name + ".retry", transport::kafka};
  return result;
}

policies::supervision_config resolve_supervision(const supervision_topology& told, duration failed_retry) {
  return {.strategy = *told.strategy,
          .intensity = {.restarts = *told.restarts, .window = *told.within},
          .backoff = {.min = *told.backoff_min, .max = *told.backoff_max, .jitter = *told.jitter},
          .failed_retry = failed_retry};
}

void add_publisher(service_plan& service, const channel_plan& to) {
  const actor_plan wanted{actor_plan::kind::publisher, publisher_name(to.name), 0, to};
  if (std::ranges::find(service.actors, wanted) == service.actors.end())
    service.actors.push_back(wanted);
}

/// What the consumer sets aside goes to a topic or a queue of its own.
void add_letters(service_plan& service, const consumer_plan& consumer) {
  const auto& from = consumer.from;
  if (consumer.retries)
    add_publisher(service, *consumer.retries);
  if (from.via == transport::kafka)
    add_publisher(service, {channel_plan::kind::stream, from.name + ".dlq", transport::kafka});
  else if (from.via == transport::amqp)
    add_publisher(service, {channel_plan::kind::queue, from.name + ".dlq", transport::amqp});
}

/// The children of the service's supervisor: what is used before what uses it, and what brings in work last.
void list_actors(service_plan& service) {
  using kind = actor_plan::kind;
  const bool consumer_stores = std::ranges::any_of(service.consumers, [](const auto& one) { return one.store.has_value(); });
  if ((service.greeter && service.greeter->store) || consumer_stores)
    service.actors.push_back({kind::writer, std::string{writer_actor_name}, 0, {}});
  if (service.greeter && service.greeter->publish)
    add_publisher(service, *service.greeter->publish);
  for (const auto& producer : service.producers)
    add_publisher(service, producer.to);
  for (const auto& consumer : service.consumers)
    add_letters(service, consumer);
  if (service.greeter)
    service.actors.push_back({kind::greeter, std::string{greeter_actor_name}, 0, {}});
  for (std::size_t i = 0; i < service.consumers.size(); ++i) {
    const auto& consumer = service.consumers[i];
    service.actors.push_back(consumer.store  ? actor_plan{kind::recorder, recorder_name(consumer.name), i, {}}
                             : consumer.into ? actor_plan{kind::forwarder, forwarder_name(consumer.name), i, consumer.into}
                                             : actor_plan{kind::logger, logger_name(consumer.name), i, {}});
    service.actors.push_back({kind::consumer, consumer.name, i, {}});
  }
  for (std::size_t i = 0; i < service.consumers.size(); ++i) {
    const auto& consumer = service.consumers[i];
    service.actors.push_back({kind::subscription, subscription_name(consumer.name), i, consumer.from});
    if (consumer.retries)
      service.actors.push_back({kind::subscription, retries_name(consumer.name), i, consumer.retries});
  }
  for (std::size_t i = 0; i < service.producers.size(); ++i)
    service.actors.push_back({kind::producer, service.producers[i].name, i, {}});
}

queue_plan resolve_queue(const queue_topology& told) {
  queue_plan result{told.name, *told.via, *told.follows, *told.made_by, std::nullopt};
  if (*told.exchange)
    result.exchange = exchange_plan{**told.exchange, *told.exchange_type, told.routing_key->value_or(told.name)};
  return result;
}

tls_files files_of(const tls_topology& told) {
  return {told.authorities->value_or(""), told.certificate->value_or(""), told.key->value_or("")};
}

class resolution {
public:
  resolution(const topology& whole, const std::vector<std::string>& running, std::vector<std::string>& notes,
             diagnostics& found)
    : whole_(whole), running_(running), notes_(notes), found_(found) {}

  plan run() {
    process();
    for (const auto& name : running_)
      result_.services.push_back(service(*find_service(whole_, name)));
    edge();
    grpc();
    channels();
    return std::move(result_);
  }

private:
  [[nodiscard]] bool runs(const std::string& name) const { return std::ranges::find(running_, name) != running_.end(); }

  void process() {
    const auto& node = whole_.node;
    result_.http = *node.http;
    result_.admin = *node.admin;
    result_.admin_hosts = *node.admin_hosts;
    result_.data = node.data->value_or("");
    result_.level = *node.level;
    result_.keep_documents = *node.keep_documents;
    if (const auto& size = *node.documents_size)
      result_.documents_size = size->bytes;
    result_.root.failed_retry = *node.retry_failed;
    result_.probe_silence = *node.probe_silence;
    result_.handler_run = *node.handler_run;
    const auto& steps = node.shutdown;
    result_.shutdown = {
      steps.announce->value_or(duration::zero()), *steps.drain, *steps.flush, *steps.commit, *steps.close, *steps.telemetry};
    result_.edge.allowed_origins = *node.allowed_origins;
    const auto& edge = node.edge;
    result_.edge.bounds = {
      *edge.in_flight,   *edge.connections, edge.header_size->bytes, edge.body_size->bytes, *edge.header_within,
      *edge.body_within, *edge.idle,        *edge.read_within};
  }

  service_plan service(const service_topology& told) {
    service_plan result;
    result.name = told.name;
    result.supervision = resolve_supervision(told.supervision, *whole_.node.retry_failed);
    result.stash = *told.supervision.stash;
    result.stop_within = *told.supervision.stop_within;
    if (told.greeter) {
      result.greeter = resolve_greeter(whole_, told);
      for (const auto& call : told.greeter->calls)
        callee(told, *call, call.source);
    }
    if (*told.gateway)
      callee(told, **told.gateway, told.gateway.source);
    for (const auto& producer : told.producers)
      result.producers.push_back(resolve_producer(whole_, producer));
    for (const auto& consumer : told.consumers)
      result.consumers.push_back(resolve_consumer(whole_, told, consumer));
    if (stores(told))
      result.mongodb = mongodb(told);
    list_actors(result);
    // A dead-letter queue, too, has a publisher, and is none of the topology's.
    const auto by_broker = std::ranges::find_if(result.actors, [this](const actor_plan& one) {
      return one.channel && one.channel->via == transport::amqp && find_queue(whole_, one.channel->name) != nullptr;
    });
    if (by_broker != result.actors.end())
      result.amqp = amqp(told, by_broker->channel->name);
    return result;
  }

  /// Where a service says where its connection string is kept, it means MongoDB.
  [[nodiscard]] std::optional<mongodb_plan> mongodb(const service_topology& service) const {
    const auto& node = whole_.node;
    const auto& uri = *service.mongodb ? *service.mongodb : *node.mongodb.uri;
    if (!*service.mongodb && *node.store != store_kind::mongodb)
      return std::nullopt;
    return mongodb_plan{*uri, node.mongodb.authorities->value_or(""), node.mongodb.identity->value_or(""), {}};
  }

  std::optional<amqp_plan> amqp(const service_topology& service, const std::string& queue) {
    const auto& told = whole_.node.amqp;
    const auto& url = *service.amqp ? *service.amqp : *told.url;
    if (!url) {
      const auto& carried = *find_queue(whole_, queue);
      tell(found_, carried.via.source, carried.where,
           "amqp carries " + in_quotes(queue) + ", which " + in_quotes(service.name) + " uses, and has no broker",
           R"("url" below "node.amqp", or RABBITMQ_CONN)");
      return std::nullopt;
    }
    return resolve_broker(told, *url);
  }

  /// A service that does not run here is called where its address says.
  void callee(const service_topology& caller, const std::string& name, const setting_source& source) {
    if (runs(name) || std::ranges::find(result_.peers, name, &peer_plan::name) != result_.peers.end())
      return;
    const auto& called = *find_service(whole_, name);
    if (*called.address)
      result_.peers.push_back(
        {name, **called.address, *called.peer == peer_kind::troupe ? policies::callee::idempotent : policies::callee::any});
    else
      tell(found_, source, caller.where,
           caller.name + " calls " + in_quotes(name) + ", which does not run in this process and has no address",
           "--service " + name + " too, or an \"address\" in it, or " + variable_prefix(name) + "URL");
  }

  /// The edge speaks for the gateway's service where a gateway runs, and otherwise for the first greeter.
  void edge() {
    const service_topology* front = nullptr;
    for (const auto& name : running_)
      if (const auto& gateway = *find_service(whole_, name)->gateway; gateway && front == nullptr)
        front = find_service(whole_, *gateway);
    for (const auto& name : running_)
      if (const auto* one = find_service(whole_, name); front == nullptr && one->greeter)
        front = one;
    if (front == nullptr)
      return;
    result_.edge.service = front->name;
    result_.edge.deadline = *front->greeter->deadline;
    result_.edge.gateway = std::ranges::any_of(
      running_, [this](const std::string& name) { return find_service(whole_, name)->gateway->has_value(); });
    if (*front->greeter->form == platform_form::grpc)
      result_.edge.array_order = greeting_order::pre_order;
  }

  void grpc() {
    const auto& told = whole_.node.grpc;
    result_.package = *told.package;
    if (*told.listen && !result_.edge.service.empty() && runs(result_.edge.service))
      result_.grpc = grpc_plan{**told.listen, *told.tls.certificate ? std::optional{files_of(told.tls)} : std::nullopt};
    const auto& outbound = whole_.node.outbound;
    result_.outbound = {.retry = {.attempts = *outbound.retries, .first = *outbound.first},
                        .budget = {.percent = *outbound.budget},
                        .breaker = {.failures = *outbound.breaker.failures, .open_for = *outbound.breaker.open},
                        .in_flight = *outbound.in_flight,
                        .proxy = *outbound.proxy,
                        .tls = files_of(whole_.node.peer_tls)};
  }

  void channels() {
    for (const auto& stream : whole_.streams) {
      if (!used("stream", stream.name))
        continue;
      const auto& size = *stream.keep_size;
      result_.streams.push_back({stream.name, *stream.via, *stream.partitions, *stream.keep_for,
                                 size ? std::optional{size->bytes} : std::nullopt, *stream.unread, *stream.replicas,
                                 *stream.follows});
    }
    for (const auto& queue : whole_.queues)
      if (used("queue", queue.name))
        result_.queues.push_back(resolve_queue(queue));
    if (std::ranges::find(result_.streams, transport::kafka, &stream_plan::via) != result_.streams.end())
      result_.kafka = resolve_kafka(whole_.node.kafka);
  }

  /// Whether a service of this process uses the channel. One that is only read or only written is noted.
  bool used(const std::string& kind, const std::string& name) {
    bool written = false;
    bool read = false;
    for (const auto& service : result_.services)
      for (const auto& actor : service.actors)
        if (actor.channel && actor.channel->name == name)
          (actor.what == actor_plan::kind::publisher || actor.what == actor_plan::kind::forwarder ? written : read) = true;
    const auto channel = kind + ' ' + in_quotes(name);
    if (written && !read)
      notes_.push_back(channel + " is read by no service of this process: what is published to it stays there");
    else if (read && !written)
      notes_.push_back(channel + " is written by no service of this process: there is nothing new to read");
    else if (!read && running_.size() == whole_.services.size())
      notes_.push_back(channel + " is used by no service of this process");
    return read || written;
  }

  const topology& whole_;
  const std::vector<std::string>& running_;
  std::vector<std::string>& notes_;
  diagnostics& found_;
  plan result_;
};

} // namespace

amqp_plan resolve_broker(const amqp_topology& told, const secret_reference& url) {
  return {.url = url,
          .virtual_host = *told.virtual_host,
          .mechanism = *told.mechanism,
          .tls = files_of(told.tls),
          .prefetch = static_cast<std::uint16_t>(*told.prefetch),
          .shown = {}};
}

kafka_plan resolve_kafka(const kafka_topology& told) {
  kafka_plan result;
  for (const auto& each : *told.brokers)
    if (auto kept = parse_secret_reference(each); kept.has_value())
      result.brokers_kept.push_back(std::move(*kept));
    else
      result.brokers.push_back(each);
  result.credentials = *told.credentials;
  result.username = told.username->value_or("");
  result.password = *told.password;
  result.mechanism = text_form<sasl_mechanism>::print(*told.mechanism);
  if (*told.encrypted == encryption::tls)
    result.tls = files_of(told.tls);
  result.member = {*told.commit_after, *told.commit_every, *told.drain_on_revoke, *told.session};
  for (const auto& each : *told.properties)
    result.properties.emplace_back(each.substr(0, each.find('=')), each.substr(each.find('=') + 1));
  return result;
}

plan resolve(const topology& whole, const std::vector<std::string>& running, std::vector<std::string>& notes,
             diagnostics& found) {
  return resolution{whole, running, notes, found}.run();
}

} // namespace troupe::node
