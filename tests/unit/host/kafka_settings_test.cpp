#define CAF_SUITE kafka_settings

#include <troupe_test/suite.hpp>

#include <set>

#include <troupe/deploy/host/process/channels.hpp>
#include <troupe/deploy/host/process/kafka.hpp>

using namespace std::chrono_literals;

namespace host = troupe::host;

namespace {

host::consumer_topology reader() {
  host::consumer_topology result;
  result.name = "consumer";
  result.from = "s";
  result.group = "g";
  result.batch = 10;
  result.credit = 20;
  result.retry.redelivery.span_limit = 300;
  return result;
}

const host::channel_plan stream{host::channel_kind::stream, "s", host::transport::kafka};

host::actor_plan subscribes(const host::channel_plan& to, const std::string& name = "consumer-subscription") {
  return {host::actor_kind::subscription, name, 0, to};
}

const host::channel_plan retries{host::channel_kind::stream, "s.retry", host::transport::kafka};

} // namespace

CAF_TEST(a member of a Kafka group has the numbers of the topology) {
  host::process_plan plan;
  plan.uses_kafka = true;
  plan.node.kafka.member.commit_after = 2;
  plan.node.kafka.member.commit_every = 3s;
  plan.node.kafka.member.drain_on_revoke = 4s;
  plan.node.kafka.member.session = 7s;
  const auto member = host::topic_subscription_of(plan, reader(), subscribes(stream), "host", "process");
  CAF_CHECK_EQUAL(member.commit_after, 2u);
  CAF_CHECK(member.commit_every == troupe::duration{3s});
  CAF_CHECK(member.drain_on_revoke == troupe::duration{4s});
  CAF_CHECK(member.session == troupe::duration{7s});
  CAF_CHECK_EQUAL(member.redelivery.span_limit, 300u);
}

CAF_TEST(a property of the Kafka library that is a secret is printed without its value) {
  CAF_CHECK_EQUAL(troupe::kafka::properties_rule::print(
                    {"fetch.min.bytes=1024", "ssl.key.password=hunter2", "sasl.oauthbearer.config=a=b"}),
                  "[\"fetch.min.bytes=1024\", \"ssl.key.password=***\", \"sasl.oauthbearer.config=***\"]");
}

CAF_TEST(delayed retries wait in the assignment or in a topic that another member reads) {
  host::process_plan plan;
  plan.uses_kafka = true;
  auto consumer = reader();
  consumer.member = host::membership::fixed;
  const auto plain = host::topic_subscription_of(plan, consumer, subscribes(stream), "host", "process");
  CAF_CHECK(plain.delayed == troupe::kafka::retry_location::assignment);
  CAF_CHECK(!plain.retries_of);
  consumer.retry.delayed_in = host::retry_location::topic;
  const auto first = host::topic_subscription_of(plan, consumer, subscribes(stream), "host", "process");
  const auto second =
    host::topic_subscription_of(plan, consumer, subscribes(retries, "consumer-retries"), "host", "process");
  CAF_CHECK_EQUAL(first.topic, "s");
  CAF_CHECK(first.delayed == troupe::kafka::retry_location::topic);
  CAF_CHECK(!first.retries_of);
  CAF_CHECK_EQUAL(second.topic, "s.retry");
  CAF_CHECK(second.delayed == troupe::kafka::retry_location::assignment);
  CAF_CHECK(second.retries_of == "s");
  CAF_CHECK_EQUAL(first.group, second.group);
  CAF_CHECK_NOT_EQUAL(first.instance, second.instance);
}

CAF_TEST(a topic of retries has the partitions of its stream and keeps what waits longer than an outage) {
  host::process_plan plan;
  plan.uses_kafka = true;
  plan.streams.push_back({.name = "s",
                          .via = host::transport::kafka,
                          .partitions = 5,
                          .keep_for = std::nullopt,
                          .keep_size = std::nullopt,
                          .replicas = 2});
  auto& service = plan.services.emplace_back();
  service.consumers.push_back(reader());
  CAF_CHECK_EQUAL(host::topics_of(plan).size(), 2u);
  service.consumers.back().retry.delayed_in = host::retry_location::topic;
  const auto topics = host::topics_of(plan);
  CAF_REQUIRE_EQUAL(topics.size(), 3u);
  CAF_CHECK_EQUAL(topics[2].name, "s.retry");
  CAF_CHECK_EQUAL(topics[2].partitions, 5);
  CAF_CHECK_EQUAL(topics[2].replication, 2);
  const auto kept_for = [&plan] { return host::topics_of(plan)[2].properties; };
  CAF_CHECK((kept_for()
             == troupe::kafka::property_list{
               {"retention.ms", "-1"}, {"retention.bytes", "-1"}, {"max.message.bytes", "2147483647"}}));
  plan.streams[0].keep_for = 1h;
  CAF_CHECK((kept_for()
             == troupe::kafka::property_list{
               {"retention.ms", "604800000"}, {"retention.bytes", "-1"}, {"max.message.bytes", "2147483647"}}));
  plan.streams[0].keep_for = 400h;
  plan.streams[0].keep_size = troupe::settings::byte_size{1000};
  CAF_CHECK((kept_for()
             == troupe::kafka::property_list{
               {"retention.ms", "1440000000"}, {"retention.bytes", "-1"}, {"max.message.bytes", "2147483647"}}));
}

CAF_TEST(a service that retries by a topic may read and write it) {
  host::process_plan plan;
  plan.uses_kafka = true;
  auto& service = plan.services.emplace_back();
  service.consumers.push_back(reader());
  service.consumers.back().retry.delayed_in = host::retry_location::topic;
  service.actors.push_back({host::actor_kind::publisher, "publish-s.retry", 0, retries});
  service.actors.push_back(subscribes(retries, "consumer-retries"));
  using operation = troupe::kafka::permission_wish::operation;
  std::set<operation> may;
  for (const auto& each : host::permissions_of(plan, "User:u"))
    if (each.name == "s.retry")
      may.insert(each.allowed);
  CAF_CHECK((may == std::set<operation>{operation::read, operation::write, operation::describe}));
}

CAF_TEST(only results for a stream of Kafka make a transaction of a settlement) {
  host::process_plan plan;
  plan.uses_kafka = true;
  plan.streams.push_back({.name = "s", .via = host::transport::kafka});
  plan.streams.push_back({.name = "t", .via = host::transport::kafka});
  auto consumer = reader();
  const auto transaction = [&] {
    return host::topic_subscription_of(plan, consumer, subscribes(stream), "host", "process").transaction;
  };
  CAF_CHECK(!transaction());
  consumer.into = "t";
  CAF_REQUIRE(transaction());
  CAF_CHECK_EQUAL(transaction()->topic, "t");
  CAF_CHECK_EQUAL(transaction()->id, "g-process-consumer");
  plan.streams.back().via = host::transport::embedded;
  CAF_CHECK(!transaction());
  plan.streams.pop_back();
  plan.queues.push_back({.name = "t", .via = host::transport::amqp});
  CAF_CHECK(!transaction());
}

CAF_TEST(an embedded subscription has the bound of what is unsettled) {
  CAF_CHECK_EQUAL(host::subscription_of({}, reader()).redelivery.span_limit, 300u);
}
