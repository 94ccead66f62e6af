#include <troupe/deploy/node/plan_resolution.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <troupe/deploy/node/settings_variables.hpp>
#include <troupe/deploy/node/topology_validation.hpp>
#include <troupe/deploy/node/tree_names.hpp>

namespace troupe::node {

namespace {

channel_plan resolve_channel(const topology& whole, const std::string& name) {
  if (const auto* stream = find_stream(whole, name))
    return {channel_plan::kind::stream, name, stream->via};
  return {channel_plan::kind::queue, name, find_queue(whole, name)->via};
}

greeter_plan resolve_greeter(const topology& whole, const service_topology& service) {
  const auto& given = *service.greeter;
  greeter_plan result{given, given.name.value_or(service.name)};
  for (const auto& call : given.calls)
    result.calls.push_back(call.name);
  if (given.publish)
    result.publish = resolve_channel(whole, *given.publish);
  if (given.store)
    result.store = greeter_store_plan{*given.store, given.form, given.keep};
  return result;
}

/// A service writes all its documents in one form: that of its greeter, where it has one.
document_form form_of_documents(const topology& whole, const service_topology& service) {
  if (service.greeter)
    return service.greeter->form;
  return whole.node.reference == reference_family::grpc ? document_form::grpc : document_form::http;
}

consumer_plan resolve_consumer(const topology& whole, const service_topology& service, const consumer_topology& given) {
  consumer_plan result{given, given.name.value_or(""), resolve_channel(whole, given.from), given.group.value_or("")};
  if (given.store)
    result.store = consumer_store_plan{*given.store, given.as, form_of_documents(whole, service)};
  if (given.into)
    result.into = resolve_channel(whole, *given.into);
  if (given.retry.delayed_in == retry_place::topic)
    result.retries = {channel_plan::kind::stream, result.from.name + ".retry", transport::kafka};
  return result;
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
    result_.edge.listener = node.edge;
    result_.admin = node.admin;
    result_.data = node.data.value_or("");
    result_.level = node.level;
    result_.documents = node.documents;
    result_.root.failed_retry = node.retry_failed;
    result_.probe_silence = node.probe_silence;
    result_.handler_run = node.handler_run;
    result_.shutdown = node.shutdown;
    result_.package = node.grpc.package;
    result_.outbound = node.outbound;
  }

  service_plan service(const service_topology& given) {
    service_plan result{given.name, given.supervision};
    result.supervision.policy.failed_retry = whole_.node.retry_failed;
    if (given.greeter) {
      result.greeter = resolve_greeter(whole_, given);
      for (const auto& call : given.greeter->calls)
        callee(given, call.name, call.source);
    }
    if (given.gateway)
      callee(given, *given.gateway, given.source(given.gateway));
    for (const auto& producer : given.producers)
      result.producers.push_back({producer, producer.name.value_or(""), resolve_channel(whole_, producer.to)});
    for (const auto& consumer : given.consumers)
      result.consumers.push_back(resolve_consumer(whole_, given, consumer));
    if (stores(given))
      result.mongodb = mongodb(given);
    list_actors(result);
    // A dead-letter queue, too, has a publisher, and is none of the topology's.
    const auto by_broker = std::ranges::find_if(result.actors, [this](const actor_plan& one) {
      return one.channel && one.channel->via == transport::amqp && find_queue(whole_, one.channel->name) != nullptr;
    });
    if (by_broker != result.actors.end())
      result.amqp = amqp(given, by_broker->channel->name);
    return result;
  }

  /// Where a service says where its connection string is kept, it means MongoDB.
  [[nodiscard]] std::optional<mongodb_plan> mongodb(const service_topology& service) const {
    if (!service.mongodb && whole_.node.store != store_kind::mongodb)
      return std::nullopt;
    mongodb_plan result{whole_.node.mongodb, {}};
    if (service.mongodb)
      result.uri = service.mongodb;
    return result;
  }

  std::optional<amqp_plan> amqp(const service_topology& service, const std::string& queue) {
    amqp_plan result{whole_.node.amqp, {}};
    if (service.amqp)
      result.url = service.amqp;
    if (result.url)
      return result;
    const auto& carried = *find_queue(whole_, queue);
    tell(found_, carried.source(carried.via), carried.where,
         "amqp carries " + in_quotes(queue) + ", which " + in_quotes(service.name) + " uses, and has no broker",
         R"("url" below "node.amqp", or RABBITMQ_CONN)");
    return std::nullopt;
  }

  /// A service that does not run here is called where its address says.
  void callee(const service_topology& caller, const std::string& name, const setting_source& source) {
    if (runs(name) || std::ranges::find(result_.peers, name, &peer_plan::name) != result_.peers.end())
      return;
    const auto& called = *find_service(whole_, name);
    if (called.address)
      result_.peers.push_back({name, *called.address, called.peer});
    else
      tell(found_, source, caller.where,
           caller.name + " calls " + in_quotes(name) + ", which does not run in this process and has no address",
           "--service " + name + " too, or an \"address\" in it, or " + variable_prefix(name) + "URL");
  }

  /// The edge speaks for the gateway's service where a gateway runs, and otherwise for the first greeter.
  void edge() {
    const service_topology* front = nullptr;
    for (const auto& name : running_)
      if (const auto& gateway = find_service(whole_, name)->gateway; gateway && front == nullptr)
        front = find_service(whole_, *gateway);
    for (const auto& name : running_)
      if (const auto* one = find_service(whole_, name); front == nullptr && one->greeter)
        front = one;
    if (front == nullptr)
      return;
    result_.edge.service = front->name;
    result_.edge.listener.deadline = front->greeter->deadline;
    result_.edge.gateway = std::ranges::any_of(
      running_, [this](const std::string& name) { return find_service(whole_, name)->gateway.has_value(); });
    if (front->greeter->form == document_form::grpc)
      result_.edge.listener.array_order = greeting_order::pre_order;
  }

  void grpc() {
    const auto& given = whole_.node.grpc;
    if (given.listen && !result_.edge.service.empty() && runs(result_.edge.service))
      result_.grpc = grpc_plan{*given.listen, given.tls.certificate.empty() ? std::nullopt : std::optional{given.tls}};
  }

  void channels() {
    const auto used_of = [this](const auto& all, const std::string& kind, auto& into) {
      std::ranges::copy_if(all, std::back_inserter(into), [&](const auto& one) { return used(kind, one.name); });
    };
    used_of(whole_.streams, "stream", result_.streams);
    used_of(whole_.queues, "queue", result_.queues);
    if (std::ranges::find(result_.streams, transport::kafka, &stream_topology::via) != result_.streams.end())
      result_.kafka = whole_.node.kafka;
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

plan resolve(const topology& whole, const std::vector<std::string>& running, std::vector<std::string>& notes,
             diagnostics& found) {
  return resolution{whole, running, notes, found}.run();
}

} // namespace troupe::node
