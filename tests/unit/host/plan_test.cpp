#define CAF_SUITE plan

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/topology_files.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

#include "reading.hpp"

using namespace std::chrono_literals;
using namespace troupe::host;
using namespace troupe::reference;
using troupe::endpoint;
using troupe_test::configured;

namespace {

using lines = std::vector<std::string>;

configuration built_in(std::vector<std::string> services = {}) {
  diagnostics found;
  auto got = configure(troupe_test::platform().built_in_topologies(), troupe_test::platform(),
                       {.services = std::move(services)}, troupe_test::around(), found);
  CAF_REQUIRE_EQUAL(found.lines(), lines{});
  return std::move(*got);
}

const service_plan& service(const process_plan& plan, const std::string& name) {
  return *std::ranges::find(plan.services, name, &service_plan::name);
}

lines calls(const troupe::reference::greeter_topology& greeter) {
  lines result;
  for (const auto& call : greeter.calls)
    result.push_back(call.name);
  return result;
}

lines actors(const service_plan& service) {
  lines result;
  for (const auto& actor : service.actors)
    result.push_back(actor.name);
  return result;
}

} // namespace

CAF_TEST(with no topology the platform of 2019 and the kafka demonstration run together) {
  const auto plan = built_in().plan;
  lines names;
  for (const auto& one : plan.services)
    names.push_back(one.name);
  CAF_CHECK_EQUAL(names, (lines{"service-a", "service-b", "service-c", "service-d", "service-e", "service-f", "service-g",
                                "service-h", "service-rev-proxy", "kafka-demo-a", "kafka-demo-b"}));
  CAF_CHECK_EQUAL(plan.edge_services, lines{"service-a"});
  CAF_CHECK(plan.node.edge.array_order == troupe::greeting_order::post_order);
  CAF_CHECK(plan.node.edge.listen == (endpoint{"127.0.0.1", 8080}));
  CAF_CHECK(plan.node.shutdown.announce == troupe::duration::zero());
}

CAF_TEST(the platform of 2019 says and does what the reference does) {
  const auto plan = built_in().plan;
  const auto& a = *greeter_of(service(plan, "service-a"));
  CAF_CHECK_EQUAL(*a.name, "Service-A");
  CAF_CHECK_EQUAL(a.greeting, "Hello, from Service-A!");
  CAF_CHECK_EQUAL(calls(a), (lines{"service-b", "service-c"}));
  CAF_CHECK(a.hostname == hostname_shown::no);
  CAF_CHECK_EQUAL(greeter_of(service(plan, "service-e"))->greeting, "Bonjour, de Service-E!");
  CAF_CHECK(greeter_of(service(plan, "service-d"))->publish == "service-d");
  CAF_CHECK(service(plan, "service-d").actors.front().channel
            == (channel_plan{channel_kind::queue, "service-d", transport::embedded}));
  const auto& f = service(plan, "service-f");
  CAF_CHECK(greeter_of(f)->store == (collection_name{"service-f", "messages"}));
  CAF_CHECK(form_of(plan.node, f) == troupe::document_form::http);
  CAF_CHECK(f.consumers.at(0).store == (collection_name{"service-f", "messages"}));
  CAF_CHECK(f.consumers.at(0).as == greeting_form_name);
  CAF_CHECK_EQUAL(f.consumers.at(0).from, "service-d");
  for (const auto* name : {"service-c", "service-g", "service-h"})
    CAF_CHECK(greeter_of(service(plan, name))->store == (collection_name{name, "greetings"}));
}

CAF_TEST(the kafka demonstration talks crosswise every ten seconds) {
  const auto plan = built_in().plan;
  const auto& a = service(plan, "kafka-demo-a");
  const auto& b = service(plan, "kafka-demo-b");
  CAF_CHECK_EQUAL(a.producers.at(0).to, "foo-topic");
  CAF_CHECK_EQUAL(b.consumers.at(0).from, "foo-topic");
  CAF_CHECK_EQUAL(b.producers.at(0).to, "bar-topic");
  CAF_CHECK_EQUAL(a.consumers.at(0).from, "bar-topic");
  CAF_CHECK(a.consumers.at(0).group == "consumer-group-A");
  CAF_CHECK(b.consumers.at(0).group == "consumer-group-B");
  CAF_CHECK(a.producers.at(0).every == troupe::duration{10s});
  CAF_CHECK_EQUAL(a.producers.at(0).text, "This is message {n} from host {hostname}");
  CAF_CHECK(a.consumers.at(0).store == (collection_name{"kafka-demo-a", "messages"}));
  CAF_CHECK(a.consumers.at(0).as == text_form_name);
  CAF_CHECK_EQUAL(plan.streams.at(0).partitions, 3U);
}

CAF_TEST(actors start after those they use and what brings in work starts last) {
  const auto got = configured("services:\n"
                              "  a:\n"
                              "    greeter: {greeting: Hi, publish: q, store: d.c}\n"
                              "    producers: [{to: q}, {to: s}]\n"
                              "    consumers: [{from: q, store: d.c}, {name: ear, from: s, group: g}]\n"
                              "streams: {s: }\n"
                              "queues: {q: }\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_CHECK_EQUAL(actors(got.got->plan.services.at(0)),
                  (lines{"store", "publish-q", "publish-s", "greeter", "consumer-recorder", "consumer", "ear-logger", "ear",
                         "consumer-subscription", "ear-subscription", "producer", "producer-2"}));
}

CAF_TEST(a single service is its own edge and announces its end) {
  const auto f = built_in({"service-f"}).plan;
  CAF_CHECK_EQUAL(f.services.size(), 1U);
  CAF_CHECK_EQUAL(f.edge_services, lines{"service-f"});
  CAF_CHECK(f.node.shutdown.announce == troupe::duration{5s});
  CAF_CHECK_EQUAL(f.queues.size(), 1U);
  CAF_CHECK_EQUAL(f.streams.size(), 0U);
}

CAF_TEST(a process without greeters has no route to one) {
  const auto demo = built_in({"kafka-demo-b", "kafka-demo-a"}).plan;
  CAF_CHECK(demo.edge_services.empty());
  CAF_CHECK_EQUAL(demo.services.at(0).name, "kafka-demo-a"); // in the order of the file, whatever the options'
}

CAF_TEST(a service that calls one of another process without an address is refused) {
  const auto got =
    configured("services:\n  a: {greeter: {greeting: Hi, calls: b}}\n  b: {greeter: {greeting: Hi}}\n", {.services = {"a"}});
  CAF_CHECK_EQUAL(got.mistakes,
                  lines{"t.yaml:2:38: a calls \"b\", which does not run in this process and has no address; expected "
                        "--service b too, or an \"address\" in it, or B_URL"});
}

CAF_TEST(a service of another process is called where its address says) {
  const auto e = built_in({"service-e", "service-g"}).plan;
  CAF_REQUIRE_EQUAL(e.peers.size(), 1U);
  CAF_CHECK_EQUAL(e.peers.front().name, "service-h");
  CAF_CHECK(e.peers.front().address == (peer_address{peer_address::scheme::grpc, "service-h:50051", ""}));
  CAF_CHECK(e.peers.front().kind == troupe::policies::callee::idempotent);
  CAF_CHECK_EQUAL(calls(*greeter_of(e.services.front())), (lines{"service-g", "service-h"}));
}

CAF_TEST(a gateway alone stands in front of a service of another process and serves no gRPC) {
  const auto gateway = built_in({"service-rev-proxy"}).plan;
  CAF_CHECK_EQUAL(gateway.edge_services, lines{"service-a"});
  CAF_REQUIRE_EQUAL(gateway.peers.size(), 1U);
  CAF_CHECK_EQUAL(gateway.peers.front().name, "service-a");
  CAF_CHECK(!gateway.serves_grpc);
}

CAF_TEST(gRPC is served where a part of the services runs) {
  CAF_CHECK(!built_in().plan.serves_grpc);
  const auto a = built_in({"service-a"}).plan;
  CAF_REQUIRE(a.serves_grpc);
  CAF_CHECK(a.node.grpc.listen == (endpoint{"127.0.0.1", 50051}));
  CAF_CHECK(a.node.grpc.tls == troupe::tls_files{});
  CAF_CHECK(!built_in({"kafka-demo-a"}).plan.serves_grpc);
  const auto given = configured("services: {a: {greeter: {greeting: Hi}}}\nnode: {grpc: {listen: \"127.0.0.1:5\"}}\n");
  CAF_REQUIRE(given.got && given.got->plan.serves_grpc);
  CAF_CHECK_EQUAL(given.got->plan.node.grpc.listen->port, 5);
}

CAF_TEST(settings reach calls to other processes) {
  const auto got =
    configured("services:\n"
               "  a: {greeter: {greeting: Hi, calls: b}}\n"
               "  b: {address: \"https://b/api/ping\", peer: reference, greeter: {greeting: Hi}}\n"
               "node:\n"
               "  grpc: {package: greeting.v3, tls: {certificate: c.pem, key: k.pem, authorities: a.pem}}\n"
               "  peer-tls: {authorities: ca.pem}\n"
               "  outbound: {retries: 1, first: 2ms, budget: 3, in-flight: 4, breaker: {failures: 5, open: 6s}}\n",
               {.services = {"a"}});
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto& plan = got.got->plan;
  CAF_CHECK(plan.peers.at(0).kind == troupe::policies::callee::any);
  CAF_CHECK(plan.peers.at(0).address == (peer_address{peer_address::scheme::https, "b", "/api/ping"}));
  CAF_CHECK(platform_grpc_of(plan.node).package == troupe::grpc::package::greeting_v3);
  CAF_CHECK(plan.node.grpc.tls == (troupe::tls_files{"a.pem", "c.pem", "k.pem"}));
  CAF_CHECK(plan.node.outbound.tls == (troupe::tls_files{"ca.pem", "", ""}));
  CAF_CHECK_EQUAL(plan.node.outbound.retry.attempts, 1U);
  CAF_CHECK(plan.node.outbound.retry.first == troupe::duration{2ms});
  CAF_CHECK_EQUAL(plan.node.outbound.budget.percent, 3U);
  CAF_CHECK_EQUAL(plan.node.outbound.in_flight, 4U);
  CAF_CHECK_EQUAL(plan.node.outbound.breaker.failures, 5U);
  CAF_CHECK(plan.node.outbound.breaker.open_for == troupe::duration{6s});
}

CAF_TEST(settings reach the policies they are for) {
  const auto got =
    configured("services:\n"
               "  a:\n"
               "    greeter: {greeting: Hi, form: grpc, store: d.c, keep: callers, tell-hostname: true, keep-back: 0.2}\n"
               "    consumers:\n"
               "      - from: q\n"
               "        timeout: 7s\n"
               "        unsettled: 300\n"
               "        retry: {attempts: 1, first: 1s, factor: 3, delayed: [1min], process-ending: 9}\n"
               "        breaker: {failures: 8, open: 9s}\n"
               "    supervision: {strategy: rest-for-one, restarts: 2, within: 3s, backoff-min: 4ms, backoff-max: 5s,\n"
               "                  jitter: 0.5, stash: 6, stop-within: 7s}\n"
               "queues: {q: }\n"
               "node: {retry-failed: 11s, keep-documents: 12d, keep-documents-size: 13MiB}\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  const auto& service = got.got->plan.services.at(0);
  CAF_CHECK(form_of(got.got->plan.node, service) == troupe::document_form::grpc);
  CAF_CHECK(greeter_of(service)->keep == kept_greeting::callers);
  CAF_CHECK(greeter_of(service)->hostname == hostname_shown::yes);
  CAF_CHECK_EQUAL(greeter_of(service)->split.kept_share, 0.2);
  CAF_CHECK(got.got->plan.node.edge.array_order == troupe::greeting_order::pre_order);
  const auto& consumer = service.consumers.at(0);
  CAF_CHECK(consumer.timeout == troupe::duration{7s});
  CAF_CHECK_EQUAL(consumer.retry.in_place.attempts, 1U);
  CAF_CHECK(consumer.retry.in_place.first == troupe::duration{1s});
  CAF_CHECK_EQUAL(consumer.retry.in_place.factor, 3.0);
  CAF_CHECK(consumer.retry.redelivery.delays == std::vector<troupe::duration>{1min});
  CAF_CHECK_EQUAL(consumer.retry.redelivery.process_ending_attempts, 9U);
  CAF_CHECK_EQUAL(consumer.retry.redelivery.span_limit, 300U);
  CAF_CHECK_EQUAL(consumer.breaker.failures, 8U);
  CAF_CHECK(consumer.breaker.open_for == troupe::duration{9s});
  const auto& supervision = service.supervision.policy;
  CAF_CHECK(supervision.strategy == troupe::policies::restart_strategy::rest_for_one);
  CAF_CHECK_EQUAL(supervision.intensity.restarts, 2U);
  CAF_CHECK(supervision.intensity.window == troupe::duration{3s});
  CAF_CHECK(supervision.backoff.min == troupe::duration{4ms});
  CAF_CHECK(supervision.backoff.max == troupe::duration{5s});
  CAF_CHECK_EQUAL(supervision.backoff.jitter, 0.5);
  CAF_CHECK_EQUAL(service.supervision.stash, 6U);
  CAF_CHECK(service.supervision.stop_within == troupe::duration{7s});
  CAF_CHECK(service.supervision.policy.failed_retry == troupe::duration{11s});
  CAF_CHECK(got.got->plan.node.documents.age == troupe::duration{12 * 24h});
  CAF_CHECK(got.got->plan.node.documents.bytes == std::int64_t{13} << 20U);
}

CAF_TEST(settings reach the members of Kafka groups) {
  const auto got =
    configured("services: {a: {consumers: [{from: s, group: g}]}}\n"
               "streams: {s: {via: kafka}}\n"
               "node: {kafka: {brokers: \"b:1\", commit-after: 2, commit-every: 3ms, drain-on-revoke: 4s, session: 7s}}\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_REQUIRE(got.got->plan.uses_kafka);
  const auto& kafka = got.got->plan.node.kafka;
  CAF_CHECK_EQUAL(kafka.member.commit_after, 2U);
  CAF_CHECK(kafka.member.commit_every == troupe::duration{3ms});
  CAF_CHECK(kafka.member.drain_on_revoke == troupe::duration{4s});
  CAF_CHECK(kafka.member.session == troupe::duration{7s});
}

CAF_TEST(bounds of the members of Kafka groups are checked) {
  const auto got = configured("services: {a: {consumers: [{from: s, group: g, unsettled: 0}]}}\n"
                              "streams: {s: {via: kafka}}\n"
                              "node: {kafka: {brokers: \"b:1\", commit-after: 0, commit-every: 11min,\n"
                              "  drain-on-revoke: 5min, session: 5s}}\n");
  CAF_CHECK_EQUAL(got.mistakes, (lines{"t.yaml:1:59: \"0\" is not allowed here; expected 1 to 1000000",
                                       "t.yaml:3:46: \"0\" is not allowed here; expected 1 to 100000",
                                       "t.yaml:3:63: \"11min\" is not allowed here; expected 1ms to 10min",
                                       "t.yaml:4:20: \"5min\" is not allowed here; expected 1ms to 4min",
                                       "t.yaml:4:35: \"5s\" is not allowed here; expected 6s to 5min"}));
}

CAF_TEST(a channel that is only written or only read is noted) {
  const auto got = configured("services: {a: {producers: [{to: w}], consumers: [{from: r}]}}\nqueues: {w: , r: , u: }\n");
  CAF_REQUIRE_EQUAL(got.mistakes, lines{});
  CAF_CHECK_EQUAL(got.got->notes,
                  (lines{"queue \"w\" is read by no service of this process: what is published to it stays there",
                         "queue \"r\" is written by no service of this process: there is nothing new to read",
                         "queue \"u\" is used by no service of this process"}));
}
