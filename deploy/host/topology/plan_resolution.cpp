#include <troupe/deploy/host/topology/plan.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <troupe/deploy/host/topology/settings_variables.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

namespace {

channel_plan resolve_channel(const topology& whole, const std::string& name) {
  if (const auto* stream = find_stream(whole, name))
    return {channel_kind::stream, name, stream->via};
  return {channel_kind::queue, name, find_queue(whole, name)->via};
}

/// Lists the children of a service's supervisor: a user after all that it uses, and what brings in work last.
class actor_list {
public:
  actor_list(const topology& whole, const service_topology& service) : whole_(whole), service_(service) {}

  std::vector<actor_plan> make() {
    if (stores(service_))
      add(actor_kind::writer, std::string{writer_actor_name});
    publishers();
    if (service_.part)
      code(service_.part->actors());
    for (std::size_t i = 0; i < service_.consumers.size(); ++i)
      consumer(service_.consumers[i], i);
    for (std::size_t i = 0; i < service_.consumers.size(); ++i)
      subscriptions(service_.consumers[i], i);
    for (std::size_t i = 0; i < service_.producers.size(); ++i)
      add(actor_kind::producer, *service_.producers[i].name, i);
    return std::move(result_);
  }

private:
  void add(actor_kind kind, std::string name, std::size_t index = 0, std::optional<channel_plan> channel = {}) {
    result_.push_back({kind, std::move(name), index, std::move(channel)});
  }

  void code(const std::vector<code_actor>& actors) {
    for (std::size_t i = 0; i < actors.size(); ++i)
      add(actor_kind::code, actors[i].name, i);
  }

  void publishers() {
    for (const auto& to : uses_of(service_).publishes)
      publisher(resolve_channel(whole_, to.name));
    for (const auto& producer : service_.producers)
      publisher(resolve_channel(whole_, producer.to));
    for (const auto& consumer : service_.consumers) {
      if (consumer.into && !in_transaction(whole_, consumer))
        publisher(resolve_channel(whole_, *consumer.into));
      dead_letters_and_retries(consumer);
    }
  }

  void publisher(const channel_plan& to) {
    const actor_plan wanted{actor_kind::publisher, publisher_name(to.name), 0, to};
    if (std::ranges::find(result_, wanted) == result_.end())
      result_.push_back(wanted);
  }

  /// Each has a topic or a queue of its own.
  void dead_letters_and_retries(const consumer_topology& consumer) {
    const auto from = resolve_channel(whole_, consumer.from);
    if (const auto retries = retry_topic_of(consumer))
      publisher({channel_kind::stream, *retries, transport::kafka});
    if (from.via != transport::embedded)
      publisher({from.kind, from.name + ".dlq", from.via});
  }

  void consumer(const consumer_topology& consumer, std::size_t index) {
    const auto kind = consumer.code    ? actor_kind::handler
                      : consumer.store ? actor_kind::recorder
                      : consumer.into  ? actor_kind::forwarder
                                       : actor_kind::logger;
    add(kind, effect_name(consumer), index,
        in_transaction(whole_, consumer) ? std::optional{resolve_channel(whole_, *consumer.into)} : std::nullopt);
    add(actor_kind::consumer, *consumer.name, index);
  }

  void subscriptions(const consumer_topology& consumer, std::size_t index) {
    add(actor_kind::subscription, subscription_name(*consumer.name), index, resolve_channel(whole_, consumer.from));
    if (const auto retries = retry_topic_of(consumer))
      add(actor_kind::subscription, retries_name(*consumer.name), index,
          channel_plan{channel_kind::stream, *retries, transport::kafka});
  }

  const topology& whole_;
  const service_topology& service_;
  std::vector<actor_plan> result_;
};

class resolution {
public:
  resolution(const topology& whole, const extension& program, const std::vector<std::string>& running,
             std::vector<std::string>& notes, diagnostics& found)
    : whole_(whole), program_(program), running_(running), notes_(notes), found_(found) {}

  process_plan run() {
    plan_.program = program_.words().name;
    plan_.node = whole_.node;
    for (const auto& name : running_)
      plan_.services.push_back(service(*find_service(whole_, name)));
    edge();
    channels();
    return std::move(plan_);
  }

private:
  [[nodiscard]] bool runs(const std::string& name) const { return std::ranges::find(running_, name) != running_.end(); }

  service_plan service(const service_topology& given) {
    service_plan result{given, {}, {}, {}};
    result.supervision.policy.failed_retry = whole_.node.retry_failed;
    for (const auto& call : uses_of(given).calls)
      callee(given, call.name, call.source);
    if (given.gateway)
      callee(given, *given.gateway, given.source(given.gateway));
    if (stores(given))
      result.document_server = document_server(given);
    result.actors = actor_list{whole_, given}.make();
    // A dead-letter queue has a publisher too, and is not in the topology.
    const auto by_broker = std::ranges::find_if(result.actors, [this](const actor_plan& one) {
      return one.channel && one.channel->via == transport::amqp && find_queue(whole_, one.channel->name) != nullptr;
    });
    if (by_broker != result.actors.end())
      result.broker = broker(given, by_broker->channel->name);
    return result;
  }

  /// A service that has a connection string of its own uses MongoDB.
  [[nodiscard]] std::optional<mongodb_plan> document_server(const service_topology& service) const {
    if (!service.mongodb && whole_.node.store != store_kind::mongodb)
      return std::nullopt;
    mongodb_plan result{whole_.node.mongodb, {}};
    if (service.mongodb)
      result.uri = service.mongodb;
    return result;
  }

  std::optional<amqp_plan> broker(const service_topology& service, const std::string& queue) {
    amqp_plan result{whole_.node.amqp, {}};
    if (service.amqp)
      result.url = service.amqp;
    if (result.url)
      return result;
    const auto& carried = *find_queue(whole_, queue);
    add_mistake(found_, carried.source(carried.via), carried.where,
                "amqp carries " + in_quotes(queue) + ", which " + in_quotes(service.name) + " uses, and has no broker",
                R"("url" below "node.amqp", or RABBITMQ_CONN)");
    return std::nullopt;
  }

  /// A service that does not run here is called where its address says.
  void callee(const service_topology& caller, const std::string& name, const setting_source& source) {
    if (runs(name) || std::ranges::find(plan_.peers, name, &peer_plan::name) != plan_.peers.end())
      return;
    const auto& called = *find_service(whole_, name);
    if (called.address)
      plan_.peers.push_back({name, *called.address, called.peer});
    else
      add_mistake(found_, source, caller.where,
                  caller.name + " calls " + in_quotes(name) + ", which does not run in this process and has no address",
                  "--service " + name + " too, or an \"address\" in it, or " + variable_prefix(name) + "URL");
  }

  /// The edge speaks for the gateway's service where a gateway runs.
  void edge() {
    const service_topology* front = nullptr;
    for (const auto& name : running_)
      if (const auto& gateway = find_service(whole_, name)->gateway; gateway && front == nullptr)
        front = find_service(whole_, *gateway);
    program_.resolve_edge(front, plan_);
    plan_.serves_grpc = plan_.node.grpc.listen
                        && std::ranges::any_of(plan_.edge_services, [this](const std::string& one) { return runs(one); });
  }

  void channels() {
    const auto used_of = [this](const auto& all, const std::string& kind, auto& into) {
      std::ranges::copy_if(all, std::back_inserter(into), [&](const auto& one) { return used(kind, one.name); });
    };
    used_of(whole_.streams, "stream", plan_.streams);
    used_of(whole_.queues, "queue", plan_.queues);
    plan_.uses_kafka = std::ranges::find(plan_.streams, transport::kafka, &stream_topology::via) != plan_.streams.end();
  }

  /// Whether a service of this process uses the channel. One that is only read or only written is noted.
  bool used(const std::string& kind, const std::string& name) {
    bool written = false;
    bool read = false;
    for (const auto& service : plan_.services)
      for (const auto& actor : service.actors)
        if (actor.channel && actor.channel->name == name)
          (actor.kind == actor_kind::subscription ? read : written) = true;
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
  const extension& program_;
  const std::vector<std::string>& running_;
  std::vector<std::string>& notes_;
  diagnostics& found_;
  process_plan plan_;
};

} // namespace

process_plan resolve(const topology& whole, const extension& program, const std::vector<std::string>& running,
                     std::vector<std::string>& notes, diagnostics& found) {
  return resolution{whole, program, running, notes, found}.run();
}

} // namespace troupe::host
