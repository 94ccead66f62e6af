#include <troupe/deploy/node/process/kafka.hpp>

#include <algorithm>
#include <utility>

#include <troupe/deploy/node/process/channels.hpp>
#include <troupe/deploy/node/process/secrets.hpp>

namespace troupe::node {

namespace {

/// Reads what is kept elsewhere, on the thread that asks.
struct reading {
  caf::actor_system& system;
  const secret_source_actor& from;
  freshness how;

  [[nodiscard]] expected<secret> read(const secret_reference& what) const { return read_outside(system, from, what, how); }
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

const stream_topology* find_stream(const plan& what, const std::string& name) {
  const auto found = std::ranges::find(what.streams, name, &stream_topology::name);
  return found == what.streams.end() ? nullptr : &*found;
}

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

kafka::publisher_config topic_publisher_of(const plan& what, const channel_plan& channel) {
  kafka::publisher_config result{.topic = channel.name};
  if (const auto* stream = find_stream(what, channel.name); stream != nullptr && stream->follows == compatibility::reference)
    result.how = kafka::partitioner::fnv1a_random;
  return result;
}

kafka::subscription topic_subscription_of(const plan& what, const consumer_plan& consumer, const actor_plan& actor,
                                          const std::string& hostname, const std::string& process_id) {
  kafka::subscription result{what.kafka->member};
  result.topic = actor.channel->name;
  result.group = consumer.group;
  if (actor.channel == consumer.retries)
    result.retries_of = consumer.from.name;
  else if (consumer.retries)
    result.delayed = kafka::retry_location::topic;
  if (const auto* stream = find_stream(what, consumer.from.name);
      stream != nullptr && stream->follows == compatibility::reference)
    result.strategy = kafka::assignor::range;
  if (consumer.member == membership::fixed)
    result.instance = hostname + '-' + (result.retries_of ? actor.name : consumer.name);
  result.batch = consumer.batch;
  result.batches_in_flight = std::max<std::uint32_t>(1, consumer.credit / std::max<std::uint32_t>(1, consumer.batch));
  result.read_ahead = std::max(result.read_ahead, 2 * consumer.credit);
  result.redelivery = consumer.retry.redelivery;
  result.answer_within = longest_answer(consumer);
  if (!consumer.into)
    return result;
  result.batches_in_flight = 1;
  result.transaction = {consumer.into->name, consumer.group + '-' + process_id + '-' + consumer.name};
  result.transaction->how = topic_publisher_of(what, *consumer.into).how;
  return result;
}

std::vector<std::string> kafka_streams(const plan& what) {
  std::vector<std::string> result;
  for (const auto& each : what.streams)
    if (each.via == transport::kafka)
      result.push_back(each.name);
  return result;
}

std::vector<kafka::topic_wish> topics_of(const plan& what) {
  std::vector<kafka::topic_wish> result;
  for (const auto& each : what.streams) {
    if (each.via != transport::kafka)
      continue;
    kafka::topic_wish wish{each.name, static_cast<std::int32_t>(each.partitions), static_cast<std::int32_t>(each.replicas)};
    const auto age = each.keep_for ? std::chrono::ceil<std::chrono::milliseconds>(*each.keep_for).count() : -1;
    wish.properties = {{"retention.ms", std::to_string(age)},
                       {"retention.bytes", each.keep_size ? std::to_string(each.keep_size->bytes) : "-1"}};
    result.push_back(std::move(wish));
    const auto some_consumer = [&](const auto& is) {
      return std::ranges::any_of(what.services, [&](const service_plan& service) {
        return std::ranges::any_of(service.consumers,
                                   [&](const consumer_plan& one) { return one.from.name == each.name && is(one); });
      });
    };
    // Whatever the stream takes, now or later, they take with the headers that tell why.
    const kafka::property any_size{"max.message.bytes", "2147483647"};
    const kafka::property_list kept{{"retention.ms", "-1"}, {"retention.bytes", "-1"}, any_size};
    // What waits for a retry is kept at least as long as an outage lasts.
    const auto wait = age < 0 ? age : std::max<std::int64_t>(age, longest_outage.count());
    const auto replicas = static_cast<std::int32_t>(each.replicas);
    if (some_consumer([](const consumer_plan&) { return true; })) // what was set aside stays until somebody has looked at it
      result.push_back({kafka::dead_letter_topic(each.name), 1, replicas, kept});
    if (some_consumer([](const consumer_plan& one) { return one.retries.has_value(); }))
      result.push_back({kafka::retry_topic(each.name),
                        static_cast<std::int32_t>(each.partitions),
                        replicas,
                        {{"retention.ms", std::to_string(wait)}, {"retention.bytes", "-1"}, any_size}});
  }
  return result;
}

std::vector<kafka::permission_wish> permissions_of(const plan& what, const std::string& principal) {
  using resource = kafka::permission_wish::resource;
  using operation = kafka::permission_wish::operation;
  std::vector<kafka::permission_wish> result;
  const auto want = [&](resource kind, const std::string& name, operation may) {
    kafka::permission_wish wish{principal, kind, name, may};
    if (std::ranges::find(result, wish) == result.end())
      result.push_back(std::move(wish));
  };
  const auto publishes = [&](const channel_plan& to) {
    if (to.via != transport::kafka)
      return;
    want(resource::topic, to.name, operation::write);
    want(resource::topic, to.name, operation::describe);
  };
  for (const auto& service : what.services) {
    for (const auto& actor : service.actors)
      if (actor.what == actor_plan::kind::publisher)
        publishes(*actor.channel);
    for (const auto& consumer : service.consumers)
      if (consumer.from.via == transport::kafka) {
        want(resource::topic, consumer.from.name, operation::read);
        want(resource::topic, consumer.from.name, operation::describe);
        if (consumer.retries)
          want(resource::topic, consumer.retries->name, operation::read);
        want(resource::group, consumer.group, operation::read);
        if (consumer.into)
          publishes(*consumer.into);
      }
  }
  return result;
}

std::string wrong_property(const std::string& name, const std::string& value) {
  const auto mistakes = kafka::check_properties({{name, value}});
  return mistakes.empty() ? std::string{} : mistakes.front();
}

} // namespace troupe::node
