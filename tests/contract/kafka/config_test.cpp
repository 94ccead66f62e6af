#define CAF_SUITE kafka_config
#include <troupe_test/suite.hpp>

#include <algorithm>

#include <troupe/bridges/kafka/client_conf.hpp>

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;

namespace {

connection somewhere(property_list properties = {}) {
  connection made;
  made.where = always({{"localhost:1"}, credentials{"alice", secret{"not-to-be-seen"}}});
  made.properties = std::move(properties);
  return made;
}

subscription some_subscription() {
  subscription made;
  made.topic = "topic";
  made.group = "group";
  return made;
}

class silence final : public client_listener {
public:
  void error(rd_kafka_resp_err_t, std::string_view) noexcept override {}
  void statistics(std::string_view) noexcept override {}
  void log(int, std::string_view, std::string_view) noexcept override {}
};

// The property that a client would be given.
std::string property_set(const connection& to, const property_list& role, const std::string& name) {
  silence nobody;
  const auto conf = make_conf(to, *to.where(freshness::cached), role, nobody);
  CAF_REQUIRE(conf.has_value());
  std::array<char, 512> value{};
  auto size = value.size();
  CAF_REQUIRE(rd_kafka_conf_get(conf->get(), name.c_str(), value.data(), &size) == RD_KAFKA_CONF_OK);
  return value.data();
}

template <class Change>
void check_wrong(Change change, const std::string& word) {
  auto config = some_subscription();
  change(config);
  const auto mistakes = validate(config);
  CAF_REQUIRE_EQUAL(mistakes.size(), 1u);
  CAF_CHECK(mistakes.front().find(word) != std::string::npos);
}

} // namespace

CAF_TEST(a silent broker is given up in ten seconds and not in the minute of the library) {
  CAF_CHECK_EQUAL(property_set(somewhere(), consumer_properties(some_subscription()), "socket.timeout.ms"), "10000");
  CAF_CHECK_EQUAL(property_set(somewhere(), producer_properties(publisher_config{}), "socket.timeout.ms"), "10000");
}

CAF_TEST(the defaults need only names) {
  CAF_CHECK(validate(somewhere()).empty());
  CAF_CHECK(validate(some_subscription()).empty());
  CAF_CHECK(validate(publisher_config{.topic = "topic"}).empty());
}

CAF_TEST(each mistake of a subscription is named) {
  check_wrong([](auto& config) { config.topic.clear(); }, "topic");
  check_wrong([](auto& config) { config.topic = "a/b"; }, "a/b");
  check_wrong([](auto& config) { config.topic = ".."; }, "topic");
  check_wrong([](auto& config) { config.topic = std::string(250, 'a'); }, "249");
  check_wrong([](auto& config) { config.group.clear(); }, "group");
  check_wrong([](auto& config) { config.batch = 0; }, "batch");
  check_wrong([](auto& config) { config.batches_in_flight = 0; }, "batch");
  check_wrong([](auto& config) { config.read_ahead = config.batch - 1; }, "read-ahead");
  check_wrong([](auto& config) { config.commit_after = 0; }, "commit");
  check_wrong([](auto& config) { config.redelivery.span_limit = 0; }, "span");
  check_wrong([](auto& config) { config.session = 25h; }, "session");
  check_wrong([](auto& config) { config.commit_every = {}; }, "commit-every");
  check_wrong([](auto& config) { config.answer_within = {}; }, "time");
  check_wrong([](auto& config) { config.drain_on_revoke = {}; }, "drain-on-revoke");
}

CAF_TEST(a transaction excludes what it cannot undo) {
  const auto with = [](auto change) {
    return [change](auto& config) {
      config.transaction = {"results", "id"};
      config.redelivery.delays.clear();
      config.batches_in_flight = 1;
      change(config);
    };
  };
  auto right = some_subscription();
  with([](auto&) {})(right);
  CAF_CHECK(validate(right).empty());
  check_wrong(with([](auto& config) { config.redelivery.delays = {1s}; }), "delayed retries");
  check_wrong(with([](auto& config) { config.batches_in_flight = 2; }), "one batch");
  check_wrong(with([](auto& config) { config.sees = isolation::read_uncommitted; }), "committed");
  check_wrong(with([](auto& config) { config.transaction->id.clear(); }), "id");
  check_wrong(with([](auto& config) { config.transaction->topic = "a/b"; }), "a/b");
  check_wrong(with([](auto& config) { config.transaction->within = {}; }), "transaction.within");
}

CAF_TEST(each mistake of a publisher is named) {
  CAF_CHECK_EQUAL(validate(publisher_config{}).size(), 1u);
  CAF_CHECK_EQUAL(validate(publisher_config{.topic = "t", .acknowledged_within = {}}).size(), 1u);
  CAF_CHECK_EQUAL(validate(publisher_config{.topic = "t", .in_flight = 0}).size(), 1u);
  CAF_CHECK_EQUAL(validate(publisher_config{.topic = "t", .in_flight = 10'000'001}).size(), 1u);
  CAF_CHECK_EQUAL(validate(publisher_config{.topic = "t", .in_flight_bytes = 1023}).size(), 1u);
}

CAF_TEST(all mistakes are reported at once) {
  subscription none;
  none.commit_after = 0;
  CAF_CHECK_EQUAL(validate(none).size(), 3u);
  auto nowhere = somewhere({{"no.such.property", "1"}, {"linger.ms", "many"}});
  nowhere.where = nullptr;
  nowhere.statistics = 25h;
  CAF_CHECK_EQUAL(validate(nowhere).size(), 4u);
}

CAF_TEST(a property that librdkafka does not know is named) {
  const auto mistakes = check_properties({{"linger.ms", "5"}, {"no.such.property", "1"}});
  CAF_REQUIRE_EQUAL(mistakes.size(), 1u);
  CAF_CHECK(mistakes.front().find("'no.such.property'") != std::string::npos);
}

CAF_TEST(a value that librdkafka does not accept is reported with its property) {
  for (const property& each : {property{"linger.ms", "many"}, property{"compression.codec", "rar"},
                               property{"fetch.max.bytes", "-1"}, property{"log.connection.close", "perhaps"}}) {
    const auto mistakes = check_properties({each});
    CAF_REQUIRE_EQUAL(mistakes.size(), 1u);
    CAF_CHECK(mistakes.front().find("'" + each.name + "'") != std::string::npos);
  }
}

CAF_TEST(a property on which the guarantees depend cannot be set) {
  for (const auto* name :
       {"acks", "bootstrap.servers", "enable.auto.commit", "enable.auto.offset.store", "enable.idempotence",
        "enable.partition.eof", "group.id", "group.instance.id", "metadata.broker.list", "partitioner",
        "request.required.acks", "sasl.mechanism", "sasl.mechanisms", "sasl.password", "sasl.username", "security.protocol",
        "statistics.interval.ms", "transactional.id"}) {
    const auto mistakes = check_properties({{name, "1"}});
    CAF_REQUIRE_EQUAL(mistakes.size(), 1u);
    CAF_CHECK(mistakes.front().find("Troupe's own") != std::string::npos);
    CAF_CHECK(mistakes.front().find(name) != std::string::npos);
  }
}

CAF_TEST(the value of a secret is never in the text of a mistake) {
  for (const auto* name :
       {"ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.password"})
    for (const auto& each : check_properties({{name, "not-to-be-seen"}}))
      CAF_CHECK(each.find("not-to-be-seen") == std::string::npos);
}

CAF_TEST(a login speaks SASL and its files speak TLS whose names are verified) {
  auto to = somewhere();
  CAF_CHECK_EQUAL(property_set(to, {}, "security.protocol"), "sasl_plaintext");
  CAF_CHECK_EQUAL(property_set(to, {}, "sasl.mechanisms"), "SCRAM-SHA-512");
  to.tls.emplace();
  CAF_CHECK_EQUAL(property_set(to, {}, "security.protocol"), "sasl_ssl");
  CAF_CHECK_EQUAL(property_set(to, {}, "enable.ssl.certificate.verification"), "true");
  CAF_CHECK_EQUAL(property_set(to, {}, "ssl.endpoint.identification.algorithm"), "https");
  to.where = always({{"one:1", "two:2"}, std::nullopt});
  CAF_CHECK_EQUAL(property_set(to, {}, "security.protocol"), "ssl");
  CAF_CHECK_EQUAL(property_set(to, {}, "bootstrap.servers"), "one:1,two:2");
  to.tls.reset();
  CAF_CHECK_EQUAL(property_set(to, {}, "security.protocol"), "plaintext");
}

CAF_TEST(additional properties override ours) {
  const auto to = somewhere({{"reconnect.backoff.max.ms", "1234"}, {"session.timeout.ms", "7000"}});
  CAF_CHECK_EQUAL(property_set(somewhere(), {}, "reconnect.backoff.max.ms"), "500");
  CAF_CHECK_EQUAL(property_set(to, {}, "reconnect.backoff.max.ms"), "1234");
  CAF_CHECK_EQUAL(property_set(to, consumer_properties(some_subscription()), "session.timeout.ms"), "7000");
}

CAF_TEST(a producer waits for all replicas and partitions as the Java client by default) {
  publisher_config config{.topic = "topic"};
  CAF_CHECK_EQUAL(property_set(somewhere(), producer_properties(config), "enable.idempotence"), "true");
  CAF_CHECK_EQUAL(property_set(somewhere(), producer_properties(config), "message.timeout.ms"), "30000");
  CAF_CHECK_EQUAL(property_set(somewhere(), producer_properties(config), "partitioner"), "murmur2_random");
  config.how = partitioner::fnv1a_random;
  CAF_CHECK_EQUAL(property_set(somewhere(), producer_properties(config), "partitioner"), "fnv1a_random");
}

CAF_TEST(a consumer commits nothing by itself and begins as configured) {
  auto config = some_subscription();
  const auto property_of = [&](const std::string& name) {
    return property_set(somewhere(), consumer_properties(config), name);
  };
  CAF_CHECK_EQUAL(property_of("enable.auto.commit"), "false");
  CAF_CHECK_EQUAL(property_of("enable.auto.offset.store"), "false");
  CAF_CHECK_EQUAL(property_of("auto.offset.reset"), "smallest"); // librdkafka's name for earliest
  CAF_CHECK_EQUAL(property_of("isolation.level"), "read_committed");
  CAF_CHECK_EQUAL(property_of("partition.assignment.strategy"), "cooperative-sticky");
  CAF_CHECK_EQUAL(property_of("session.timeout.ms"), "45000");
  for (const auto& each : consumer_properties(config)) // which would make it a static member
    CAF_CHECK(each.name != "group.instance.id");
  config.from = beginning::latest;
  config.strategy = assignor::range;
  config.sees = isolation::read_uncommitted;
  config.instance = "member-1";
  CAF_CHECK_EQUAL(property_of("auto.offset.reset"), "largest");
  CAF_CHECK_EQUAL(property_of("isolation.level"), "read_uncommitted");
  CAF_CHECK_EQUAL(property_of("partition.assignment.strategy"), "range");
  CAF_CHECK_EQUAL(property_of("group.instance.id"), "member-1");
}

CAF_TEST(dead letters go beside their topic) {
  CAF_CHECK_EQUAL(dead_letter_topic("foo-topic"), "foo-topic.dlq");
}
