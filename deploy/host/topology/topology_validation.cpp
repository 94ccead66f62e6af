#include <troupe/deploy/host/topology/topology_validation.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

namespace {

template <class Things>
auto find_named(const Things& things, std::string_view name) noexcept {
  const auto found = std::ranges::find(things, name, &Things::value_type::name);
  return found == things.end() ? nullptr : &*found;
}

template <class Things>
void add_names(const Things& things, std::vector<std::string>& names) {
  for (const auto& one : things)
    names.push_back(one.name);
}

/// Checks a topology and reports what is wrong.
class validation {
public:
  validation(const topology& whole, const extension& program, diagnostics& found)
    : whole_(whole), program_(program), found_(found), all_read_(found.empty()) {}

  void run() {
    node();
    grpc();
    channels();
    kafka();
    mongodb();
    amqp();
    for (const auto& service : whole_.services)
      this->service(service);
    find_circles(whole_, found_);
  }

private:
  void node() {
    const auto& node = whole_.node;
    const auto& edge = node.edge.listen;
    const auto& admin = node.admin.listen;
    if (!is_loopback(admin.address) && !node.admin_token)
      add_mistake(
        found_, node.source(admin), {}, "administration at " + to_string(admin) + " needs a token",
        R"("admin-token" below "node" in the topology, or TROUPE_ADMIN_TOKEN, or an address of this machine alone)");
    if (admin == edge && edge.port != 0)
      add_mistake(found_, node.source(node.is_default(admin) ? edge : admin), {},
                  "the edge and the administration cannot both listen at " + to_string(edge), "two ports");
  }

  void grpc() {
    const auto& node = whole_.node;
    const auto& grpc = node.grpc;
    tls(grpc.tls, "grpc.tls");
    tls(node.outbound.tls, "peer-tls");
    if (!grpc.tls.authorities.empty() && grpc.tls.certificate.empty())
      add_mistake(found_, node.source(grpc.tls.authorities), {}, "a server that asks for certificates has one itself",
                  R"("certificate" and "key" beside "authorities")");
    if (!grpc.listen)
      return;
    if (grpc.tls.certificate.empty() && grpc.without_tls == plaintext::loopback && !is_loopback(grpc.listen->address))
      add_mistake(found_, node.source(grpc.listen), {}, "gRPC at " + to_string(*grpc.listen) + " would go without TLS",
                  R"("tls" below "grpc", or "without-tls: anywhere" where something else encrypts, such as a mesh)");
    for (const auto* other : {&node.edge.listen, &node.admin.listen})
      if (*grpc.listen == *other && grpc.listen->port != 0)
        add_mistake(found_, node.is_default(grpc.listen) ? node.source(*other) : node.source(grpc.listen), {},
                    "gRPC cannot listen at " + to_string(*other) + " beside HTTP", "a port of its own");
  }

  void tls(const tls_files& files, std::string_view key) {
    if (files.certificate.empty() != files.key.empty())
      add_mistake(found_, whole_.node.source(files.key.empty() ? files.certificate : files.key), {},
                  std::string{key} + " has one of certificate and key", "both or neither");
  }

  void channels() {
    for (const auto& stream : whole_.streams)
      if (const auto* queue = find_queue(whole_, stream.name))
        found_.add(stream.where, in_quotes(stream.name) + " is a queue too, in " + to_string(queue->where),
                   "a name of its own");
  }

  void kafka() {
    const auto& node = whole_.node;
    const auto& kafka = node.kafka;
    tls(kafka.tls, "kafka.tls");
    if (kafka.credentials && (kafka.username || kafka.password))
      add_mistake(found_, node.source(kafka.credentials), {}, "\"credentials\" have the username and the password",
                  "one or the other");
    if (kafka.username.has_value() != kafka.password.has_value())
      add_mistake(found_, kafka.username ? node.source(kafka.username) : node.source(kafka.password), {},
                  "kafka has one of username and password", "both or neither");
    const auto carried = std::ranges::find(whole_.streams, transport::kafka, &stream_topology::via);
    if (carried != whole_.streams.end() && kafka.brokers.empty())
      add_mistake(found_, carried->source(carried->via), carried->where,
                  "kafka carries " + in_quotes(carried->name) + " and has no brokers",
                  R"("brokers" below "node.kafka", or KAFKA_BROKERS)");
  }

  void mongodb() {
    const auto& node = whole_.node;
    if (node.store != store_kind::mongodb || node.mongodb.uri)
      return;
    const auto without =
      std::ranges::find_if(whole_.services, [](const service_topology& one) { return stores(one) && !one.mongodb; });
    if (without != whole_.services.end())
      add_mistake(found_, node.source(node.store), without->where,
                  "mongodb keeps the documents of " + in_quotes(without->name) + " and has no connection string",
                  R"("uri" below "node.mongodb", or MONGO_CONN)");
  }

  void amqp() {
    const auto& amqp = whole_.node.amqp;
    tls(amqp.tls, "amqp.tls");
    if (amqp.mechanism == troupe::amqp::sasl::external && amqp.tls.certificate.empty())
      add_mistake(found_, whole_.node.source(amqp.mechanism), {},
                  "the mechanism EXTERNAL needs a certificate, and amqp.tls has none",
                  R"("certificate" and "key" below "node.amqp.tls")");
    for (const auto& queue : whole_.queues)
      if (queue.via == transport::amqp)
        broker_queue(queue);
  }

  void broker_queue(const queue_topology& queue) {
    if (queue.name.size() > 225 || queue.name.starts_with("amq."))
      found_.add(queue.where, in_quotes(queue.name) + " cannot be the name of a broker's queue",
                 R"(at most 225 bytes, which do not begin with "amq.")");
  }

  void service(const service_topology& service) {
    // Its parts may be under a key that was not understood.
    if (all_read_ && !service.part && !service.gateway && service.producers.empty() && service.consumers.empty())
      found_.add(service.where, in_quotes(service.name) + " does nothing",
                 "a " + program_.words().callable + ", a gateway, producers or consumers in it");
    if (service.gateway)
      callee(service, *service.gateway, service.source(service.gateway));
    if (service.mongodb && !stores(service))
      add_mistake(found_, service.source(service.mongodb), service.where, in_quotes(service.name) + " keeps no documents",
                  R"("store" in its )" + program_.words().callable + " or in one of its consumers");
    if (service.part)
      code(service, *service.part);
    for (const auto& producer : service.producers)
      required_channel(producer, producer.to, "producer", "to");
    for (const auto& consumer : service.consumers)
      this->consumer(consumer);
    group_name(service);
    actor_names(service);
    const auto& backoff = service.supervision.policy.backoff;
    if (backoff.min > backoff.max)
      add_mistake(found_, service.source(backoff.min), service.where, "backoff-min is longer than backoff-max",
                  "at most " + text_form<duration>::print(backoff.max));
  }

  void code(const service_topology& service, const service_part& part) {
    part.validate(found_);
    const auto uses = part.uses();
    std::set<std::string> called;
    for (const auto& call : uses.calls) {
      callee(service, call.name, call.source);
      if (!called.insert(call.name).second)
        add_mistake(found_, call.source, part.where, in_quotes(call.name) + " is called twice", "each service once");
    }
    for (const auto& to : uses.publishes)
      channel(to.name, to.source, part.where);
  }

  void callee(const service_topology& caller, const std::string& name, const setting_source& source) {
    const auto* service = find_service(whole_, name);
    if (service == nullptr) {
      std::vector<std::string> names;
      for (const auto& one : whole_.services)
        if (uses_of(one).answers && one.name != caller.name)
          names.push_back(one.name);
      add_mistake(found_, source, caller.where, "there is no service " + in_quotes(name),
                  "a service that has a " + program_.words().callable, nearest(name, names));
    } else if (!uses_of(*service).answers && all_read_) // it may be under a key that was not understood
      add_mistake(found_, source, caller.where, in_quotes(name) + " has no " + program_.words().callable + " to be called",
                  "a service that has one");
  }

  void consumer(const consumer_topology& consumer) {
    required_channel(consumer, consumer.from, "consumer", "from");
    const bool reads_stream = find_stream(whole_, consumer.from) != nullptr;
    const bool reads_queue = find_queue(whole_, consumer.from) != nullptr;
    if (reads_stream && !consumer.group)
      found_.add(consumer.where, R"(this consumer of a stream has no "group")", "the name under which it keeps its offsets");
    if (reads_queue && consumer.group)
      add_mistake(found_, consumer.source(consumer.group), consumer.where, "a consumer of a queue has no group",
                  R"(none, or a stream in "from")");
    if (consumer.into)
      into(consumer);
    if (consumer.retry.delayed_in == retry_location::topic)
      retries_in_a_topic(consumer);
    topics_beside(consumer);
    if (consumer.batch > consumer.credit)
      add_mistake(
        found_, consumer.source(consumer.is_default(consumer.batch) ? consumer.credit : consumer.batch), consumer.where,
        "a batch of " + std::to_string(consumer.batch) + " exceeds the credit of " + std::to_string(consumer.credit),
        "a batch of at most the credit");
  }

  /// A topic's name has at most 249 bytes. Beside the topic that is read there is NAME.dlq, and maybe NAME.retry.
  void topics_beside(const consumer_topology& consumer) {
    const auto* const stream = find_stream(whole_, consumer.from);
    const std::size_t longest = consumer.retry.delayed_in == retry_location::topic ? 243 : 245;
    if (stream != nullptr && stream->via == transport::kafka && stream->name.size() > longest)
      add_mistake(found_, consumer.source(consumer.from), consumer.where,
                  in_quotes(stream->name) + " leaves no room for the names of its other topics",
                  "at most " + std::to_string(longest) + " bytes");
  }

  /// The result of a message is published in one transaction with the message's settlement. Code may also have results
  /// where there are no transactions.
  void into(const consumer_topology& consumer) {
    channel(*consumer.into, consumer.source(consumer.into), consumer.where);
    if (consumer.code && !in_transaction(whole_, consumer))
      return;
    for (const auto& name : {consumer.from, *consumer.into})
      if (const auto* stream = find_stream(whole_, name);
          (stream != nullptr && stream->via != transport::kafka) || find_queue(whole_, name) != nullptr)
        add_mistake(found_, consumer.source(consumer.into), consumer.where,
                    in_quotes(name) + " is not carried by kafka, and only kafka has transactions", "\"via: kafka\" in it");
    if (consumer.from == *consumer.into)
      add_mistake(found_, consumer.source(consumer.into), consumer.where,
                  "this consumer would publish to the stream that it reads", "another stream");
    if (consumer.store)
      add_mistake(found_, consumer.source(consumer.into), consumer.where,
                  "a store has no part in the transaction of \"into\"", "\"store\" or \"into\"");
    if (const auto& delays = consumer.retry.redelivery.delays; !delays.empty())
      add_mistake(found_, consumer.is_default(delays) ? consumer.source(consumer.into) : consumer.source(delays),
                  consumer.where, "\"into\" excludes delayed retries", "\"delayed: none\" below its \"retry\"");
  }

  void retries_in_a_topic(const consumer_topology& consumer) {
    const auto& source = consumer.source(consumer.retry.delayed_in);
    const auto* const stream = find_stream(whole_, consumer.from);
    if (stream == nullptr || stream->via != transport::kafka)
      add_mistake(found_, source, consumer.where,
                  in_quotes(consumer.from) + " is not carried by kafka, and only kafka has a topic for retries",
                  "\"delayed-in: assignment\", or \"via: kafka\" in it");
    if (find_stream(whole_, consumer.from + ".retry") != nullptr)
      add_mistake(found_, source, consumer.where, in_quotes(consumer.from + ".retry") + " is a stream of its own",
                  "another name for one of the two");
    const bool transaction = consumer.into && (!consumer.code || in_transaction(whole_, consumer));
    if (consumer.retry.redelivery.delays.empty() && !transaction)
      add_mistake(found_, source, consumer.where, "no delayed retry waits anywhere", "\"delayed\", or no \"delayed-in\"");
    if (transaction)
      add_mistake(found_, source, consumer.where, "\"into\" excludes delayed retries", "no \"delayed-in\"");
  }

  template <class Part>
  void required_channel(const Part& part, const std::string& name, std::string_view kind, std::string_view key) {
    if (part.is_default(name))
      found_.add(part.where, "this " + std::string{kind} + " has no " + in_quotes(key), "a stream or a queue");
    else
      channel(name, part.source(name), part.where);
  }

  void channel(const std::string& name, const setting_source& source, const position& where) {
    if (find_stream(whole_, name) != nullptr || find_queue(whole_, name) != nullptr)
      return;
    std::vector<std::string> names;
    add_names(whole_.streams, names);
    add_names(whole_.queues, names);
    add_mistake(found_, source, where, "there is no stream or queue " + in_quotes(name),
                R"(a name below "streams" or "queues")", nearest(name, names));
  }

  /// In the supervision tree a service stands beside the groups of the process.
  void group_name(const service_topology& service) {
    if (service.name == bridges_group || service.name == peers_group)
      found_.add(service.where, in_quotes(service.name) + " is the name of a part of the process itself",
                 "a name of its own");
  }

  /// The children of a service's supervisor have distinct names; some of them are fixed.
  void actor_names(const service_topology& service) {
    auto taken = given_names(service);
    const auto take = [&](const std::string& name, const setting_source& source, const position& where) {
      const bool fresh = taken.insert(name).second;
      if (!fresh)
        add_mistake(found_, source, where, in_quotes(name) + " is the name of another actor of " + in_quotes(service.name),
                    "a name of its own");
      return fresh;
    };
    for (const auto& producer : service.producers)
      take(producer.name.value_or(""), producer.source(producer.name), producer.where);
    for (const auto& consumer : service.consumers) {
      const auto name = consumer.name.value_or("");
      if (take(name, consumer.source(consumer.name), consumer.where))
        for (const auto& one : {effect_name(consumer), subscription_name(name)})
          take(one, consumer.source(consumer.name), consumer.where);
      if (consumer.retry.delayed_in == retry_location::topic)
        take(retries_name(name), consumer.source(consumer.name), consumer.where);
    }
  }

  [[nodiscard]] std::set<std::string> given_names(const service_topology& service) const {
    std::set<std::string> names{std::string{writer_actor_name}};
    for (auto& reserved : program_.reserved_actors())
      names.insert(std::move(reserved));
    if (service.part)
      for (const auto& actor : service.part->actors())
        names.insert(actor.name);
    for (const auto& to : uses_of(service).publishes)
      names.insert(publisher_name(to.name));
    for (const auto& producer : service.producers)
      names.insert(publisher_name(producer.to));
    return names;
  }

  const topology& whole_;
  const extension& program_;
  diagnostics& found_;
  bool all_read_;
};

} // namespace

void validate(const topology& whole, const extension& program, diagnostics& found) {
  validation{whole, program, found}.run();
}

const service_topology* find_service(const topology& whole, std::string_view name) noexcept {
  return find_named(whole.services, name);
}

service_uses uses_of(const service_topology& service) {
  return service.part ? service.part->uses() : service_uses{};
}

bool stores(const service_topology& service) {
  return uses_of(service).stores
         || std::ranges::any_of(service.consumers, [](const auto& one) { return one.store.has_value(); });
}

bool uses_channel(const service_topology& service, std::string_view name) {
  const auto uses = uses_of(service);
  return std::ranges::find(uses.publishes, name, &used_channel::name) != uses.publishes.end()
         || std::ranges::any_of(service.producers, [&](const auto& one) { return one.to == name; })
         || std::ranges::any_of(service.consumers, [&](const auto& one) { return one.from == name || one.into == name; });
}

const stream_topology* find_stream(const topology& whole, std::string_view name) noexcept {
  return find_named(whole.streams, name);
}

const queue_topology* find_queue(const topology& whole, std::string_view name) noexcept {
  return find_named(whole.queues, name);
}

} // namespace troupe::host
