#include <troupe/deploy/host/process/kafka.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/host/process/channels.hpp>
#include <troupe/deploy/host/process/secrets.hpp>
#include <troupe/deploy/host/topology/topology_validation.hpp>

namespace troupe::host {

namespace {

/// Reads secrets on the thread that calls it.
struct reading {
  caf::actor_system& system;
  const secret_source_actor& from;
  freshness how;

  [[nodiscard]] expected<secret> read(const secret_reference& kept) const { return read_outside(system, from, kept, how); }
};

expected<kafka::credentials> read_login(const kafka::cluster_config& given, const reading& from) {
  if (!given.credentials) {
    auto password = from.read(*given.password);
    if (password.has_error())
      return password.error();
    return kafka::credentials{given.username.value_or(""), std::move(*password)};
  }
  const auto whole = from.read(*given.credentials);
  if (whole.has_error())
    return whole.error();
  auto username = select_field(*whole, "username");
  auto password = select_field(*whole, "password");
  if (username.has_error() || password.has_error()) {
    const auto& why = username.has_error() ? username.error() : password.error();
    return failure{why.code, to_string(*given.credentials) + ": " + why.reason};
  }
  return kafka::credentials{username->reveal(), std::move(*password)};
}

constexpr std::chrono::milliseconds longest_outage = std::chrono::hours{7 * 24};

} // namespace

kafka::access_source access_of(const kafka::cluster_config& given, caf::actor_system& system, secret_source_actor secrets) {
  return [given, &system, secrets = std::move(secrets)](freshness how) -> expected<kafka::access> {
    const reading from{system, secrets, how};
    kafka::access result;
    for (const auto& each : given.brokers) {
      const auto kept = parse_secret_reference(each);
      if (!kept) {
        result.brokers.push_back(each);
        continue;
      }
      const auto list = from.read(*kept);
      if (list.has_error())
        return list.error();
      const auto more = split_list(list->reveal());
      result.brokers.insert(result.brokers.end(), more.begin(), more.end());
    }
    if (!given.credentials && !given.password)
      return result;
    auto login = read_login(given, from);
    if (login.has_error())
      return login.error();
    result.login = std::move(*login);
    return result;
  };
}

kafka::connection connection_of(const kafka::cluster_config& given, kafka::access_source where) {
  kafka::connection result;
  result.where = std::move(where);
  if (given.encrypted == kafka::encryption::tls)
    result.tls = given.tls;
  result.mechanism = given.mechanism;
  for (const auto& each : given.properties)
    result.properties.push_back({each.substr(0, each.find('=')), each.substr(each.find('=') + 1)});
  return result;
}

kafka::publisher_config topic_publisher_of(const process_plan& plan, const std::string& topic) {
  kafka::publisher_config result{.topic = topic};
  if (const auto* stream = find_stream(plan, topic); stream != nullptr && stream->follows == compatibility::reference)
    result.how = kafka::partitioner::fnv1a_random;
  return result;
}

kafka::subscription topic_subscription_of(const process_plan& plan, const consumer_topology& consumer,
                                          const actor_plan& actor, const std::string& hostname,
                                          const std::string& process_id) {
  kafka::subscription result{plan.node.kafka.member};
  result.topic = actor.channel->name;
  result.group = *consumer.group;
  if (result.topic != consumer.from)
    result.retries_of = consumer.from;
  else if (consumer.retry.delayed_in == retry_location::topic)
    result.delayed = kafka::retry_location::topic;
  if (const auto* stream = find_stream(plan, consumer.from);
      stream != nullptr && stream->follows == compatibility::reference)
    result.strategy = kafka::assignor::range;
  if (consumer.member == membership::fixed)
    result.instance = hostname + '-' + (result.retries_of ? actor.name : *consumer.name);
  result.batch = consumer.batch;
  const bool transaction = in_transaction(plan, consumer);
  result.batches_in_flight = transaction ? 1 : batches_of(consumer, consumer.batch);
  result.read_ahead = std::max(result.read_ahead, 2 * consumer.credit);
  result.redelivery = consumer.retry.redelivery;
  result.answer_within = longest_answer(consumer);
  if (transaction) {
    result.transaction = {*consumer.into, *consumer.group + '-' + process_id + '-' + *consumer.name};
    result.transaction->how = topic_publisher_of(plan, *consumer.into).how;
  }
  return result;
}

std::vector<std::string> kafka_streams(const process_plan& plan) {
  std::vector<std::string> result;
  for (const auto& each : plan.streams)
    if (each.via == transport::kafka)
      result.push_back(each.name);
  return result;
}

std::vector<kafka::topic_wish> topics_of(const process_plan& plan) {
  std::vector<kafka::topic_wish> result;
  for (const auto& each : plan.streams) {
    if (each.via != transport::kafka)
      continue;
    kafka::topic_wish wish{each.name, static_cast<std::int32_t>(each.partitions), static_cast<std::int32_t>(each.replicas)};
    const auto age = each.keep_for ? std::chrono::ceil<std::chrono::milliseconds>(*each.keep_for).count() : -1;
    wish.properties = {{"retention.ms", std::to_string(age)},
                       {"retention.bytes", each.keep_size ? std::to_string(each.keep_size->bytes) : "-1"}};
    result.push_back(std::move(wish));
    const auto some_consumer = [&](const auto& is) {
      return std::ranges::any_of(plan.services, [&](const service_plan& service) {
        return std::ranges::any_of(service.consumers,
                                   [&](const consumer_topology& one) { return one.from == each.name && is(one); });
      });
    };
    // They take every message that the stream takes, now or later, with headers that have the reason.
    const kafka::property any_size{"max.message.bytes", "2147483647"};
    const kafka::property_list kept{{"retention.ms", "-1"}, {"retention.bytes", "-1"}, any_size};
    // What waits for a retry is kept at least as long as an outage lasts.
    const auto wait = age < 0 ? age : std::max<std::int64_t>(age, longest_outage.count());
    const auto replicas = static_cast<std::int32_t>(each.replicas);
    if (some_consumer([](const consumer_topology&) { return true; })) // a dead letter stays until an operator has seen it
      result.push_back({kafka::dead_letter_topic(each.name), 1, replicas, kept});
    if (some_consumer([](const consumer_topology& one) { return retry_topic_of(one).has_value(); }))
      result.push_back({kafka::retry_topic(each.name),
                        static_cast<std::int32_t>(each.partitions),
                        replicas,
                        {{"retention.ms", std::to_string(wait)}, {"retention.bytes", "-1"}, any_size}});
  }
  return result;
}

std::vector<kafka::permission_wish> permissions_of(const process_plan& plan, const std::string& principal) {
  using resource = kafka::permission_wish::resource;
  using operation = kafka::permission_wish::operation;
  std::vector<kafka::permission_wish> result;
  const auto want = [&](resource kind, const std::string& name, operation may) {
    kafka::permission_wish wish{principal, kind, name, may};
    if (std::ranges::find(result, wish) == result.end())
      result.push_back(std::move(wish));
  };
  const auto publishes = [&](const std::string& topic) {
    want(resource::topic, topic, operation::write);
    want(resource::topic, topic, operation::describe);
  };
  for (const auto& service : plan.services)
    for (const auto& actor : service.actors) {
      if (!actor.channel || actor.channel->via != transport::kafka)
        continue;
      const auto& topic = actor.channel->name;
      if (actor.kind == actor_kind::subscription) {
        want(resource::topic, topic, operation::read);
        want(resource::topic, topic, operation::describe);
        want(resource::group, service.consumers[actor.index].group.value_or(""), operation::read);
      } else {
        publishes(topic);
      }
    }
  return result;
}

std::string wrong_property(const std::string& name, const std::string& value) {
  const auto mistakes = kafka::check_properties({{name, value}});
  return mistakes.empty() ? std::string{} : mistakes.front();
}

} // namespace troupe::host
