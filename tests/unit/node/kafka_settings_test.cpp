#define CAF_SUITE kafka_settings

#include <troupe_test/suite.hpp>

#include <troupe/deploy/node/process/channels.hpp>
#include <troupe/deploy/node/process/kafka.hpp>

using namespace std::chrono_literals;

namespace node = troupe::node;

namespace {

node::consumer_plan reader() {
  node::consumer_plan result;
  result.name = "consumer";
  result.from = {node::channel_plan::kind::stream, "s", node::transport::kafka};
  result.group = "g";
  result.batch = 10;
  result.credit = 20;
  result.redelivery.span_limit = 300;
  return result;
}

} // namespace

CAF_TEST(a member of a Kafka group has the numbers of the topology) {
  node::plan what;
  what.kafka.emplace();
  what.kafka->member.commit_after = 2;
  what.kafka->member.commit_every = 3s;
  what.kafka->member.drain_on_revoke = 4s;
  what.kafka->member.session = 7s;
  const auto member = node::topic_subscription_of(what, reader(), "host", "process");
  CAF_CHECK_EQUAL(member.commit_after, 2u);
  CAF_CHECK(member.commit_every == troupe::duration{3s});
  CAF_CHECK(member.drain_on_revoke == troupe::duration{4s});
  CAF_CHECK(member.session == troupe::duration{7s});
  CAF_CHECK_EQUAL(member.redelivery.span_limit, 300u);
}

CAF_TEST(an embedded subscription has the bound of what is unsettled) {
  CAF_CHECK_EQUAL(node::subscription_of({}, reader()).redelivery.span_limit, 300u);
}
