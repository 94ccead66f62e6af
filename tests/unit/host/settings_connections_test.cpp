#define CAF_SUITE settings_connections

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "platform_settings.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe::reference;
using namespace troupe_test;
using troupe::endpoint;

CAF_TEST(the variables of OpenTelemetry say where traces go and which) {
  using troupe::otlp::protocol;
  using troupe::policies::sampler;
  const auto result = all({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"},
                           {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                           {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"},
                           {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=hidden"},
                           {"OTEL_EXPORTER_OTLP_TIMEOUT", "2500"},
                           {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                           {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
                           {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                           {"OTEL_TRACES_SAMPLER_ARG", "0.01"},
                           {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%20b"},
                           {"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                           {"OTEL_BSP_SCHEDULE_DELAY", "50"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  const auto& traces = result.got->plan.node.traces;
  CAF_CHECK(exports_traces(result.got->plan));
  CAF_CHECK_EQUAL(troupe::otlp::address_of(traces.out), "http://collector:4318");
  CAF_CHECK(traces.out.by == protocol::grpc);
  CAF_CHECK(traces.out.timeout == 2500ms);
  CAF_CHECK(traces.out.compressed == troupe::otlp::compression::gzip);
  CAF_CHECK_EQUAL(traces.out.authorities, "/ca.pem");
  CAF_CHECK_EQUAL(traces.headers.reveal(), "api-key=hidden");
  CAF_CHECK_EQUAL(to_string(*traces.out.headers), "env:OTEL_EXPORTER_OTLP_HEADERS");
  CAF_CHECK(traces.sampling.sampler == sampler::parentbased_traceidratio);
  CAF_CHECK_EQUAL(traces.sampling.ratio, 0.01);
  CAF_CHECK_EQUAL(traces.out.resource, (lines{"deployment.environment.name=test", "team=a%20b"}));
  CAF_CHECK_EQUAL(traces.out.queue, 100U);
  CAF_CHECK(traces.out.every == 50ms);
}

CAF_TEST(traces go nowhere unless a variable says so and may be switched off) {
  const auto exports = [](variables given) {
    const auto result = all(std::move(given));
    CAF_REQUIRE_EQUAL(result.mistakes, lines{});
    return exports_traces(result.got->plan);
  };
  CAF_CHECK(!exports({}));
  CAF_CHECK(exports({{"OTEL_TRACES_EXPORTER", "otlp"}}));
  CAF_CHECK(exports({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c"}}));
  CAF_CHECK(!exports({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_TRACES_EXPORTER", "none"}}));
  CAF_CHECK(!exports({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_SDK_DISABLED", "True"}}));
  CAF_CHECK(exports({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_SDK_DISABLED", "yes"}}));
}

CAF_TEST(a variable of OpenTelemetry that is wrong is reported under its name and a secret not quoted) {
  CAF_CHECK_EQUAL(all({{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"}}).mistakes.size(), 1U);
  CAF_CHECK_EQUAL(all({{"OTEL_TRACES_SAMPLER_ARG", "2"}}).mistakes.size(), 1U);
  CAF_CHECK_EQUAL(all({{"OTEL_EXPORTER_OTLP_TIMEOUT", "5s"}}).mistakes.size(), 1U);
  CAF_CHECK_EQUAL(all({{"OTEL_TRACES_SAMPLER", "sometimes"}}).mistakes.size(), 1U);
  const auto headers = all({{"OTEL_EXPORTER_OTLP_HEADERS", "hidden"}}).mistakes;
  CAF_REQUIRE_EQUAL(headers.size(), 1U);
  CAF_CHECK(headers.front().find("environment: OTEL_EXPORTER_OTLP_HEADERS") != std::string::npos);
  CAF_CHECK(headers.front().find("hidden") == std::string::npos);
}

CAF_TEST(each service of a process has a name of its own in traces) {
  const auto a = one("service-a", {{"OTEL_SERVICE_NAME", "front"}});
  CAF_CHECK_EQUAL(service(a, "service-a").traced_as.value(), "front");
  const auto both = all({{"SERVICE_B_OTEL_SERVICE_NAME", "back"}});
  CAF_CHECK_EQUAL(service(both, "service-b").traced_as.value(), "back");
  CAF_CHECK(!service(both, "service-a").traced_as);
  CAF_CHECK_EQUAL(all({{"OTEL_SERVICE_NAME", "front"}}).mistakes.size(), 1U);
}

CAF_TEST(a connection string in the environment keeps the documents of every service that does not say otherwise) {
  const auto kept = [](const reading& read) {
    CAF_REQUIRE_EQUAL(read.mistakes, lines{});
    lines result;
    for (const auto& each : read.got->plan.services)
      result.push_back(
        each.name + ": "
        + (each.document_server ? to_string(*each.document_server->uri) + " " + each.document_server->shown : "here"));
    return result;
  };
  const auto in = [](const std::string& more, variables given, const std::vector<std::string>& services = {}) {
    return configured("services:\n"
                      "  a: {greeter: {greeting: Hi, store: a.greetings}}\n"
                      "  b: {consumers: [{from: q, store: b.messages}]}\n"
                      "  c: {greeter: {greeting: Hi, publish: q}}\n"
                      "queues: {q: }\n"
                        + more,
                      {.services = services}, std::move(given));
  };
  const auto* const uri = "mongodb://user:hunter2@one";
  const std::string by_process = "env:MONGO_CONN mongodb://***@one";
  CAF_CHECK_EQUAL(kept(in("", {})), (lines{"a: here", "b: here", "c: here"}));
  CAF_CHECK_EQUAL(kept(in("", {{"MONGO_CONN", uri}})), (lines{"a: " + by_process, "b: " + by_process, "c: here"}));
  CAF_CHECK_EQUAL(kept(in("", {{"MONGO_CONN", uri}}, {"a"})), lines{"a: " + by_process});
  CAF_CHECK_EQUAL(kept(in("node: {store: sqlite}\n", {{"MONGO_CONN", uri}})), (lines{"a: here", "b: here", "c: here"}));
  CAF_CHECK_EQUAL(kept(in("", {{"MONGO_CONN", uri}, {"B_MONGO_CONN", "mongodb://u:w@two"}})),
                  (lines{"a: " + by_process, "b: env:B_MONGO_CONN mongodb://***@two", "c: here"}));
  CAF_CHECK_EQUAL(kept(in("", {{"B_MONGO_CONN", "mongodb://u:w@two"}})),
                  (lines{"a: here", "b: env:B_MONGO_CONN mongodb://***@two", "c: here"}));
  CAF_CHECK_EQUAL(kept(in("node: {store: mongodb, mongodb: {uri: 'aws-secretsmanager:mongo#uri'}}\n", {}, {"a"})),
                  lines{"a: aws-secretsmanager:mongo#uri "});
  CAF_CHECK(asks_aws(in("node: {store: mongodb, mongodb: {uri: 'aws-secretsmanager:mongo#uri'}}\n", {}).got->plan));
}

CAF_TEST(a connection string that is wrong is reported once under its name and not quoted) {
  const auto refused = [](variables given) {
    const auto result = configured("services:\n"
                                   "  a: {greeter: {greeting: Hi, store: a.greetings}}\n"
                                   "  b: {greeter: {greeting: Hi, store: b.greetings}}\n",
                                   {}, std::move(given));
    CAF_CHECK_EQUAL(result.mistakes.size(), 1u);
    CAF_CHECK_EQUAL(result.first().find("hunter2"), std::string::npos);
    return result.first();
  };
  CAF_CHECK(
    refused({{"MONGO_CONN", "hunter2"}})
      .starts_with("environment: MONGO_CONN: this is not a connection string of MongoDB: it is none; expected mongodb://"));
  CAF_CHECK(refused({{"B_MONGO_CONN", "hunter2"}})
              .starts_with("environment: B_MONGO_CONN: this is not a connection string of MongoDB"));
}

CAF_TEST(a connection string that no service uses is noted) {
  CAF_CHECK(notes(all({{"MONGO_CONN", "mongodb://user:word@one"}}),
                  "MONGO_CONN is set and not used: no service of this process keeps documents there"));
  CAF_CHECK(notes(all({{"SERVICE_A_MONGO_CONN", "mongodb://one"}}),
                  "SERVICE_A_MONGO_CONN is set and not used: service-a has no such setting"));
}

CAF_TEST(a broker in the environment carries every queue that does not say otherwise) {
  const auto result = all({{"RABBITMQ_CONN", "amqp://me:hunter2@host"}, {"RABBITMQ_AUTHORITIES", "/ca.pem"}});
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  const auto brokers = brokers_of(result.got->plan);
  CAF_REQUIRE_EQUAL(brokers.size(), 1u);
  CAF_CHECK_EQUAL(to_string(*brokers.front().url), "env:RABBITMQ_CONN");
  CAF_CHECK_EQUAL(brokers.front().tls.authorities, "/ca.pem");
  CAF_CHECK_EQUAL(brokers.front().prefetch, 100);
  CAF_CHECK_EQUAL(queues_at(result.got->plan, brokers.front()).size(), result.got->plan.queues.size());
  for (const auto& queue : result.got->plan.queues)
    CAF_CHECK(queue.via == transport::amqp);
  CAF_CHECK(brokers_of(all({{"RABBITMQ_CONN", "amqp://host"}, {"TROUPE_QUEUES", "embedded"}}).got->plan).empty());
}

CAF_TEST(a service may have a broker of its own and then its queues are carried there) {
  const auto queued = "services: {a: {producers: [{to: x}]}, b: {consumers: [{from: x}]}}\nqueues: {x: }\n";
  const auto alone = configured(queued, {.services = {"a"}}, {{"A_RABBITMQ_CONN", "amqp://a"}});
  CAF_REQUIRE_EQUAL(alone.mistakes, lines{});
  CAF_CHECK_EQUAL(to_string(*brokers_of(alone.got->plan).at(0).url), "env:A_RABBITMQ_CONN");
  CAF_CHECK_EQUAL(configured(queued, {}, {{"A_RABBITMQ_CONN", "amqp://a"}}).first(),
                  "environment: A_RABBITMQ_CONN: amqp carries \"x\", which \"b\" uses, and has no broker; expected \"url\" "
                  "below \"node.amqp\", or RABBITMQ_CONN");
  const auto both = configured(queued, {}, {{"A_RABBITMQ_CONN", "amqp://a"}, {"RABBITMQ_CONN", "amqp://all"}});
  CAF_REQUIRE_EQUAL(both.mistakes, lines{});
  CAF_CHECK_EQUAL(brokers_of(both.got->plan).size(), 2u);
}

CAF_TEST(a consumer of a broker sets aside in a queue of its own) {
  const auto result = configured("services: {b: {consumers: [{from: x}]}}\n"
                                 "queues: {x: {via: amqp, compatibility: reference, exchange: e, exchange-type: fanout}}\n"
                                 "node: {amqp: {url: 'file:/u', virtual-host: v, prefetch: 7}}\n");
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  const auto& b = result.got->plan.services.at(0);
  CAF_CHECK_EQUAL(b.actors.front().name, "publish-x.dlq");
  CAF_CHECK_EQUAL(b.broker->virtual_host.value(), "v");
  CAF_CHECK_EQUAL(b.broker->prefetch, 7);
  const auto& queue = result.got->plan.queues.at(0);
  CAF_CHECK(queue.follows == compatibility::reference);
  CAF_CHECK_EQUAL(queue.exchange.value(), "e");
  CAF_CHECK_EQUAL(queue.routing_key.value_or(queue.name), "x");
}

CAF_TEST(a url of a broker is read before anything runs and is not repeated) {
  diagnostics found;
  auto with = troupe_test::around({{"RABBITMQ_CONN", "hunter2"}});
  with.show_broker = [](const troupe::secret&) -> troupe::expected<std::string> {
    return troupe::failure{troupe::errc::invalid, "no"};
  };
  CAF_CHECK(!configure({{"t.yaml", small_platform}}, troupe_test::platform(), {}, with, found));
  CAF_REQUIRE_EQUAL(found.lines().size(), 1u);
  CAF_CHECK_EQUAL(found.lines().front(), "environment: RABBITMQ_CONN: this is not the URL of a broker: no");
  with.show_broker = [](const troupe::secret&) -> troupe::expected<std::string> { return std::string{"amqp://shown"}; };
  diagnostics none;
  const auto result = configure({{"t.yaml", small_platform}}, troupe_test::platform(), {}, with, none);
  CAF_REQUIRE(result.has_value());
  CAF_CHECK_EQUAL(brokers_of(result->plan).at(0).shown, "amqp://shown");
}

CAF_TEST(brokers in the environment carry every stream that does not say otherwise) {
  const auto result = one("demo-a", {{"KAFKA_BROKERS", "one:9092, [::1]:9093,aws-ssm:/msk/scram/brokers"},
                                     {"KAFKA_USERNAME", "me"},
                                     {"KAFKA_PASSWORD", "hunter2"},
                                     {"KAFKA_ENCRYPTION", "none"}});
  CAF_REQUIRE(result.got.has_value());
  CAF_REQUIRE(result.got->plan.uses_kafka);
  const auto& kafka = result.got->plan.node.kafka;
  CAF_CHECK_EQUAL(kafka.brokers, (lines{"one:9092", "[::1]:9093", "aws-ssm:/msk/scram/brokers"}));
  CAF_CHECK_EQUAL(kafka.username.value_or(""), "me");
  CAF_REQUIRE(kafka.password.has_value());
  CAF_CHECK_EQUAL(to_string(*kafka.password), "env:KAFKA_PASSWORD");
  CAF_CHECK(kafka.encrypted == troupe::kafka::encryption::none);
  CAF_CHECK(asks_aws(kafka));
  for (const auto& stream : result.got->plan.streams)
    CAF_CHECK(stream.via == transport::kafka);
  CAF_CHECK(!one("demo-a", {{"KAFKA_BROKERS", "one:9092"}, {"TROUPE_STREAMS", "embedded"}}).got->plan.uses_kafka);
}

CAF_TEST(brokers that cannot be are refused) {
  for (const auto* text : {"one", "one:", ":9092", "one:0", "one:65536", "http://one:9092", "aws-ssm:", "::1:9092"})
    CAF_CHECK(!one("demo-a", {{"KAFKA_BROKERS", text}}).got);
}
