#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/topology/topology.hpp>
#include <troupe/messages/settings/tls_files.hpp>
#include <troupe/messages/values/web_origin.hpp>

namespace troupe::host {

// How a topology is written: the descriptions of the structs that are the program's own. A visitor of a topology has, beside
// what messages/settings/description.hpp asks for:
//   names(key, services, rule)  a list of names, each with its own position
//   list(key, parts)            a list of maps
//   section_of(part)            the section of a service that is its code, whose key the part has
//   added(part)                 further settings of the same map, which the program has

using settings::a_share;
using settings::any_wait;
using settings::any_wait_or_none;
using settings::anything;
using settings::between;
using settings::self_of;
using settings::short_text;
using settings::spelled;

inline constexpr spelled routing_key{[](std::string_view text) noexcept { return !text.empty() && text.size() <= 255; },
                                     "a text of 1 to 255 bytes"};
inline constexpr spelled message_text{
  is_message_text, "a text of 1 to 1024 bytes in UTF-8 whose only words in braces are {n} and {hostname}"};
inline constexpr spelled host_name{is_host_name,
                                   "a name or an address without a port, such as admin.example.org or 10.0.0.7"};

/// An origin that a browser can send; for another, its right form is proposed.
struct listed_origin {
  [[nodiscard]] bool allows(const std::string& text) const { return is_listable_origin(text); }
  [[nodiscard]] static std::string expected() {
    return "* or an origin such as https://ui.example.org or https://*.example.org";
  }
  [[nodiscard]] static std::string nearest(const std::string& text) { return origin_as_sent(text).value_or(""); }
};

/// One of the forms that the program knows.
struct one_of_forms {
  const std::vector<std::string>& names;

  [[nodiscard]] bool allows(const std::string& text) const { return std::ranges::find(names, text) != names.end(); }
  [[nodiscard]] static std::string print(const std::string& text) { return text; }
  [[nodiscard]] std::string expected() const { return listed(names); }
};

inline constexpr settings::among of_streams{transport::embedded, transport::kafka};
inline constexpr settings::among of_queues{transport::embedded, transport::amqp};
inline constexpr listed_origin web_origin;
inline constexpr between<duration> a_retention{std::chrono::seconds{1}, std::chrono::hours{24 * 3650}};
inline constexpr settings::in_bytes a_retained_size{1U << 20U, std::uint64_t{1} << 44U};

template <class Visitor, self_of<producer_topology> Self>
void describe(Visitor& v, Self& producer) {
  v.value("name", producer.name, service_name);
  v.value("to", producer.to, channel_name);
  v.value("every", producer.every, any_wait_or_none, "the Kafka demonstration's MSG_FREQ");
  v.value("text", producer.text, message_text, "the Kafka demonstration's");
  v.value("media-type", producer.media_type, short_text, "what the text is by itself");
  v.value("batch", producer.batch, between<std::uint32_t>{1, 1000}, "raise it for load");
  v.value("in-flight", producer.in_flight, between<std::uint32_t>{1, 1000}, "hides one slow commit, bounds memory");
  v.value("limit", producer.limit, between<std::uint32_t>{1, 4'000'000'000}, "for tests of load that end");
}

template <class Visitor, self_of<retry_settings> Self>
void describe(Visitor& v, Self& retry) {
  v.value("attempts", retry.in_place.attempts, between<unsigned>{0, 100},
          "with their delays they cover a lost connection or an election");
  v.value("first", retry.in_place.first, any_wait);
  v.value("factor", retry.in_place.factor, between<double>{1, 10});
  v.value("delayed", retry.redelivery.delays, any_wait, "past a failover, past a deployment, past an operator's first look");
  v.value("delayed-in", retry.delayed_in, anything{}, "keeps the order of keys");
  v.value("process-ending", retry.redelivery.process_ending_attempts, between<std::uint32_t>{1, 1000},
          "fewer would blame a bystander of a crash loop");
}

template <class Visitor, self_of<consumer_topology> Self>
void describe(Visitor& v, Self& consumer) {
  v.value("name", consumer.name, service_name);
  v.value("from", consumer.from, channel_name);
  v.value("group", consumer.group, channel_name, "members of a group share the partitions");
  v.value("store", consumer.store, anything{});
  v.value("into", consumer.into, channel_name);
  v.value("as", consumer.as, one_of_forms{consumer.forms});
  v.value("membership", consumer.member, anything{},
          "static suits a StatefulSet; a dynamic member that ends in order is replaced at once");
  v.value("batch", consumer.batch, between<std::uint32_t>{1, 10'000},
          "the cost of a transaction is shared; more gains little");
  v.value("credit", consumer.credit, between<std::uint32_t>{1, 100'000},
          "one batch is handled while the next is on its way");
  v.value("unsettled", consumer.retry.redelivery.span_limit, between<std::uint32_t>{1, 1'000'000},
          "what memory holds, and at most what a restart handles again");
  v.value("timeout", consumer.timeout, any_wait, "longer than a store's worst commit");
  v.section("retry", consumer.retry);
  v.section("breaker", consumer.breaker);
}

template <class Visitor, self_of<supervision_settings> Self>
void describe(Visitor& v, Self& supervision) {
  auto& policy = supervision.policy;
  v.value("strategy", policy.strategy, anything{}, "as in Erlang/OTP");
  v.value("restarts", policy.intensity.restarts, between<unsigned>{0, 1000}, "a crash that restarts can cure needs fewer");
  v.value("within", policy.intensity.window, any_wait, "longer than the delays of five restarts together");
  v.value("backoff-min", policy.backoff.min, any_wait, "a caller hardly notices one restart");
  v.value("backoff-max", policy.backoff.max, any_wait, "a dependency that returns is noticed within half a minute");
  v.value("jitter", policy.backoff.jitter, a_share, "those that failed together do not return together");
  v.value("stash", supervision.stash, between<std::uint32_t>{0, 1'000'000});
  v.value("stop-within", supervision.stop_within, any_wait);
}

template <class Visitor, self_of<service_topology> Self>
void describe(Visitor& v, Self& service) {
  v.value("address", service.address, anything{}, "a process that calls it and has no address for it is refused");
  v.value("peer", service.peer, anything{},
          "a repeated call has one effect at a service of ours, and maybe two elsewhere: there only a call that was "
          "provably not sent is repeated");
  v.value("gateway", service.gateway, service_name, "a service answers at the edge of its own process");
  v.value("mongodb", service.mongodb, anything{});
  v.value("amqp", service.amqp, anything{}, "one process may speak to two brokers");
  v.value("traced-as", service.traced_as, short_text);
  v.section_of(service.part);
  v.list("producers", service.producers);
  v.list("consumers", service.consumers);
  v.section("supervision", service.supervision);
}

template <class Visitor, self_of<stream_topology> Self>
void describe(Visitor& v, Self& stream) {
  v.value("via", stream.via, of_streams);
  v.value("partitions", stream.partitions, between<std::uint32_t>{1, 1024}, "as the Kafka demonstration has");
  v.value("keep-for", stream.keep_for, a_retention, "Kafka's own default");
  v.value("keep-size", stream.keep_size, between<byte_size>{{1U << 20U}, {std::uint64_t{1} << 44U}},
          "a laptop's disk is not filled unnoticed");
  v.value("unread", stream.unread, anything{}, "nothing is lost unless you say so");
  v.value("replicas", stream.replicas, between<std::uint32_t>{1, 100},
          "the loss of one broker loses nothing, and stops nothing");
  v.value("compatibility", stream.follows, anything{},
          "members of one group must agree; so must all that rely on which partition a key has");
  v.value("encoding", stream.encoding, anything{}, "the smallest and fastest; json is for readers of other platforms");
}

template <class Visitor, self_of<queue_topology> Self>
void describe(Visitor& v, Self& queue) {
  v.value("via", queue.via, of_queues);
  v.value("compatibility", queue.follows, anything{},
          "what was confirmed survives the end of a broker; all who use a queue must declare the same");
  v.value("declared-by", queue.made_by, anything{},
          "as the reference platforms; services of `operators` need no right to configure");
  v.value("exchange", queue.exchange, channel_name);
  v.value("exchange-type", queue.exchange_type, settings::one_of{"direct", "topic", "fanout"});
  v.value("routing-key", queue.routing_key, routing_key);
  v.value("encoding", queue.encoding, anything{}, "as of a stream");
}

template <class Visitor, self_of<shutdown_settings> Self>
void describe(Visitor& v, Self& shutdown) {
  v.value("announce", shutdown.announce, any_wait_or_none,
          "a balancer in front of one of many processes needs time to notice");
  v.value("drain", shutdown.drain, any_wait_or_none, "a handler's timeout");
  v.value("flush", shutdown.flush, any_wait_or_none);
  v.value("commit", shutdown.commit, any_wait_or_none);
  v.value("close", shutdown.close, any_wait_or_none);
  v.value("telemetry", shutdown.telemetry, any_wait_or_none);
}

template <class Visitor, self_of<traces_settings> Self>
void describe(Visitor& v, Self& traces) {
  v.value("spans", traces.spans, anything{}, "a trace that is not sampled costs next to nothing");
  v.value("sampler", traces.sampling.sampler, anything{}, "OpenTelemetry's default");
  v.value("ratio", traces.sampling.ratio, a_share, "take fewer where calls are many");
  v.value("kept", traces.kept.traces, between<std::size_t>{0, 100'000}, "what happened last is there without any server");
  v.value("kept-size", traces.kept.bytes, settings::in_bytes{1U << 16U, 1U << 30U},
          "a part of the memory of a small container");
  v.value("kept-a-second", traces.kept_a_second, between<std::uint32_t>{0, 1'000'000}, "costs nothing under load");
  v.value("slow", traces.kept.slow, any_wait, "a fifth of a call's deadline");
  otlp::describe(v, traces.out);
}

template <class Visitor, self_of<grpc_settings> Self>
void describe(Visitor& v, Self& grpc) {
  v.value("listen", grpc.listen, anything{}, "calls within a process need no port");
  v.added(grpc.own);
  v.value("without-tls", grpc.without_tls, anything{},
          "what crosses a network is encrypted, unless you say that something else does it");
  v.section("tls", grpc.tls);
}

template <class Visitor, self_of<outbound_settings> Self>
void describe(Visitor& v, Self& outbound) {
  v.value("retries", outbound.retry.attempts, between<unsigned>{0, 100}, "a third rarely succeeds where two did not");
  v.value("first", outbound.retry.first, any_wait, "a caller waits");
  v.value("budget", outbound.budget.percent, between<unsigned>{0, 100}, "retries never multiply an outage");
  v.value("in-flight", outbound.in_flight, between<std::uint32_t>{1, 1'000'000}, "bounds memory");
  v.value("proxy", outbound.proxy, anything{}, "a proxy is the way out of a cluster, not to a neighbour in it");
  v.section("breaker", outbound.breaker);
}

template <class Visitor, self_of<node_topology> Self>
void describe(Visitor& v, Self& node) {
  v.added(node.own);
  v.value("http", node.edge.listen, anything{},
          "nothing is opened to a network unless you say so; a container says `:8080`");
  v.value("admin", node.admin.listen, anything{}, "it can break things; elsewhere than on loopback it needs a token");
  v.value("admin-token", node.admin_token, settings::kept_here{},
          "the secret itself never stands in a file, and is never printed");
  v.value("admin-hosts", node.admin.allowed_hosts, host_name, "a web page whose name leads here has no token");
  v.value("faults", node.faults, anything{}, "a button must not break a platform that others use");
  v.section("edge", node.edge);
  v.section("grpc", node.grpc);
  v.section("peer-tls", node.outbound.tls);
  v.section("outbound", node.outbound);
  v.value("data", node.data, short_text);
  v.value("log-level", node.level, anything{});
  v.value("allowed-origins", node.edge.allowed_origins, web_origin,
          "as the reference platforms; name your own in production");
  v.value("store", node.store, anything{}, "needs no server");
  v.value("keep-documents", node.documents.age, a_retention,
          "they are what was asked for; a platform that only demonstrates may forget them");
  v.value("keep-documents-size", node.documents.bytes, a_retained_size, "as above");
  v.section("mongodb", node.mongodb);
  v.value("streams", node.streams, of_streams, "needs no server");
  v.section("kafka", node.kafka);
  v.value("queues", node.queues, of_queues, "needs no server");
  v.section("amqp", node.amqp);
  v.value("retry-failed", node.retry_failed, any_wait, "its siblings run on meanwhile");
  v.value("probe-silence", node.probe_silence, any_wait);
  v.value("handler-run", node.handler_run, any_wait, "twice a consumer's timeout");
  v.section("traces", node.traces);
  v.section("shutdown", node.shutdown);
}

} // namespace troupe::host
