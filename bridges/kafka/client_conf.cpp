#include <troupe/bridges/kafka/client_conf.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

namespace troupe::kafka {

namespace {

constexpr std::size_t error_text_size = 512; // librdkafka's own for its error texts

// Properties on which Troupe's guarantees or its other settings depend.
constexpr std::string_view ours[] = {"acks",
                                     "allow.auto.create.topics",
                                     "auto.offset.reset",
                                     "bootstrap.servers",
                                     "enable.auto.commit",
                                     "enable.auto.offset.store",
                                     "enable.idempotence",
                                     "enable.partition.eof",
                                     "group.id",
                                     "group.instance.id",
                                     "metadata.broker.list",
                                     "partitioner",
                                     "request.required.acks",
                                     "sasl.mechanism",
                                     "sasl.mechanisms",
                                     "sasl.password",
                                     "sasl.username",
                                     "security.protocol",
                                     "statistics.interval.ms",
                                     "transactional.id"};

std::string in_milliseconds(duration span) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(span).count());
}

expected<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, error_text_size> words{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK)
    return {};
  return failure{errc::invalid, "the Kafka property '" + name + "': " + words.data()};
}

std::string name_of(partitioner how) {
  return how == partitioner::murmur2_random ? "murmur2_random" : "fnv1a_random";
}

std::string_view protocol(const connection& to, const access& where) noexcept {
  if (where.login)
    return to.tls ? "sasl_ssl" : "sasl_plaintext";
  return to.tls ? "ssl" : "plaintext";
}

property_list basic_properties(const connection& to, const access& where) {
  std::string brokers;
  for (const auto& each : where.brokers)
    brokers.append(brokers.empty() ? "" : ",").append(each);
  property_list result{{"bootstrap.servers", brokers},
                       {"client.id", to.client_id},
                       {"security.protocol", std::string{protocol(to, where)}},
                       {"statistics.interval.ms", in_milliseconds(to.statistics)},
                       // A broker that is back is found at once, and one that is away is tried at most twice a second.
                       {"reconnect.backoff.ms", "100"},
                       {"reconnect.backoff.max.ms", "500"},
                       // A silent broker is given up while another one can still acknowledge a message in time.
                       {"socket.timeout.ms", "10000"},
                       {"socket.keepalive.enable", "true"},
                       {"socket.nagle.disable", "true"},
                       // Otherwise nothing reports a broker that closes its connections.
                       {"log.connection.close", "true"},
                       // A topic that a client creates by its name has the brokers' default retention and partitions.
                       {"allow.auto.create.topics", "false"},
                       // The brokers decide for each topic which size is too large.
                       {"message.max.bytes", "1000000000"},
                       {"receive.message.max.bytes", "2147483647"}};
  if (where.login) {
    result.push_back({"sasl.mechanisms", to.mechanism});
    result.push_back({"sasl.username", where.login->username});
    result.push_back({"sasl.password", where.login->password.reveal()});
  }
  if (!to.tls)
    return result;
  result.push_back({"enable.ssl.certificate.verification", "true"});
  result.push_back({"ssl.endpoint.identification.algorithm", "https"});
  if (!to.tls->authorities.empty())
    result.push_back({"ssl.ca.location", to.tls->authorities});
  if (!to.tls->certificate.empty()) {
    result.push_back({"ssl.certificate.location", to.tls->certificate});
    result.push_back({"ssl.key.location", to.tls->key});
  }
  return result;
}

client_listener& listener_behind(void* opaque) noexcept {
  return *static_cast<client_listener*>(opaque);
}

void on_error(rd_kafka_t* /*client*/, int code, const char* words, void* opaque) noexcept {
  listener_behind(opaque).error(static_cast<rd_kafka_resp_err_t>(code), words);
}

int on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t length, void* opaque) noexcept {
  listener_behind(opaque).statistics({json, length});
  return 0; // librdkafka frees the text
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* words) noexcept {
  // One list of properties serves producers and consumers, and librdkafka warns each of those that are not for it.
  const bool of_other_kind =
    std::string_view{facility} == "CONFWARN" && std::strstr(words, "will be ignored by this") != nullptr;
  if (client != nullptr && !of_other_kind) // null while it is being made: the caller gets the text
    listener_behind(rd_kafka_opaque(client)).log(level, facility, words);
}

} // namespace

expected<conf_handle> make_conf(const connection& to, const access& where, const property_list& role,
                                client_listener& listener) {
  conf_handle conf{rd_kafka_conf_new()};
  for (const auto& list : {basic_properties(to, where), role, to.properties})
    for (const auto& each : list)
      if (auto done = set(conf.get(), each.name, each.value); done.has_error())
        return done.error();
  rd_kafka_conf_set_opaque(conf.get(), &listener);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_stats_cb(conf.get(), on_statistics);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  return conf;
}

std::vector<std::string> check_properties(const property_list& properties) {
  std::vector<std::string> mistakes;
  const conf_handle conf{rd_kafka_conf_new()};
  for (const auto& each : properties)
    if (std::ranges::find(ours, each.name) != std::end(ours))
      mistakes.push_back("the Kafka property '" + each.name + "' is Troupe's own, and cannot be set");
    else if (auto tried = set(conf.get(), each.name, each.value); tried.has_error())
      mistakes.push_back(tried.error().reason);
  return mistakes;
}

property_list producer_properties(const publisher_config& config) {
  return {{"enable.idempotence", "true"}, // implies acks=all, endless retries, and five requests in flight in order
          {"partitioner", name_of(config.how)},
          {"message.timeout.ms", in_milliseconds(config.acknowledged_within)},
          // A missing topic is reported well before that; a new one is known to all brokers by then.
          {"topic.metadata.propagation.max.ms", "5000"},
          // The publisher bounds the messages in flight, and accepts a single larger one.
          {"queue.buffering.max.messages", "0"},
          {"queue.buffering.max.kbytes", "2147483647"}};
}

property_list transaction_properties(const transaction_config& config) {
  return {{"transactional.id", config.id}, // implies idempotence and acks=all
          {"transaction.timeout.ms", in_milliseconds(config.within)},
          {"partitioner", name_of(config.how)},
          {"topic.metadata.propagation.max.ms", "5000"}};
}

property_list consumer_properties(const subscription& config) {
  property_list result{
    {"group.id", config.group},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"}, // shows that a partition with nothing new can be read
    {"auto.offset.reset", config.from == beginning::earliest ? "earliest" : "latest"},
    {"isolation.level", config.sees == isolation::read_committed ? "read_committed" : "read_uncommitted"},
    {"partition.assignment.strategy", config.strategy == assignor::cooperative_sticky ? "cooperative-sticky" : "range"},
    {"session.timeout.ms", in_milliseconds(config.session)},
    {"fetch.error.backoff.ms", "100"},
    // A leader that was cut off from its peers answers as before, with nothing new: only the others know the new leader.
    {"topic.metadata.refresh.interval.ms", "10000"},
    {"queued.max.messages.kbytes", "16384"}, // which librdkafka holds beside the read-ahead
    {"queued.min.messages", "100000"},
  };
  if (!config.instance.empty())
    result.push_back({"group.instance.id", config.instance});
  return result;
}

expected<client_handle> make_client(rd_kafka_type_t kind, conf_handle conf) {
  std::array<char, error_text_size> words{};
  auto* const made = rd_kafka_new(kind, conf.get(), words.data(), words.size());
  if (made == nullptr)
    return failure{errc::invalid, std::string{"no Kafka client could be made: "} + words.data()};
  static_cast<void>(conf.release()); // the client's now
  return client_handle{made};
}

} // namespace troupe::kafka
