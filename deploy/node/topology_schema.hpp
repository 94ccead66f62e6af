#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <troupe/deploy/node/topology.hpp>
#include <troupe/messages/values/web_origin.hpp>

namespace troupe::node {

// The one description of how a topology is written. A visitor is handed every key of a struct with its setting and its rule;
// reading, merging and printing are visitors. A visitor has:
//   value(key, setting, rule)   a scalar
//   values(key, setting, rule)  a list of scalars; the rule holds for each
//   names(key, settings, rule)  a list of names, each with its own place
//   section(key, part)          a map
//   list(key, parts)            a list of maps
//   optional_section(key, part) a map that may be absent

/// Everything that can be read is allowed.
struct anything {
  template <class T>
  [[nodiscard]] bool allows(const T&) const noexcept {
    return true;
  }
  [[nodiscard]] static std::string expected() { return {}; }
};

/// From `least` to `most`; `none`, where the setting may be left out, is always allowed.
template <class T>
struct between {
  T least;
  T most;

  [[nodiscard]] bool allows(const T& value) const { return least <= value && value <= most; }
  [[nodiscard]] bool allows(const std::optional<T>& value) const { return !value || allows(*value); }
  [[nodiscard]] std::string expected() const { return text_form<T>::print(least) + " to " + text_form<T>::print(most); }
};

/// A text of a certain kind.
struct spelled {
  bool (*is_one)(std::string_view) noexcept;
  std::string_view kind;

  [[nodiscard]] bool allows(const std::string& text) const { return is_one(text); }
  [[nodiscard]] bool allows(const std::optional<std::string>& text) const { return !text || is_one(*text); }
  [[nodiscard]] std::string expected() const { return std::string{kind}; }
};

inline constexpr spelled service_name{is_service_name,
                                      "a name of lower-case letters, digits and inner hyphens that begins with a letter"};
inline constexpr spelled channel_name{is_channel_name, R"(a name of letters, digits, ".", "_" and "-")"};
inline constexpr spelled short_text{is_short_text, "a text of 1 to 1024 bytes in UTF-8"};
inline constexpr spelled routing_key{[](std::string_view text) noexcept { return !text.empty() && text.size() <= 255; },
                                     "a text of 1 to 255 bytes"};
inline constexpr spelled message_text{is_message_text,
                                      "a text of 1 to 1024 bytes in UTF-8 in which only {n} and {hostname} stand in braces"};
inline constexpr spelled broker{is_broker,
                                "HOST:PORT, or where a list of these is kept, such as aws-ssm:/msk/scram/brokers"};
inline constexpr spelled library_property{is_property, "NAME=VALUE, such as fetch.min.bytes=1024"};
inline constexpr spelled host_name{is_host_name,
                                   "a name or an address without a port, such as admin.example.org or 10.0.0.7"};

/// An origin that a browser can send; its right form is told.
struct listed_origin {
  [[nodiscard]] bool allows(const std::string& text) const { return is_listable_origin(text); }
  [[nodiscard]] static std::string expected() {
    return "* or an origin such as https://ui.example.org or https://*.example.org";
  }
  [[nodiscard]] static std::string nearest(const std::string& text) { return origin_as_sent(text).value_or(""); }
};

inline constexpr listed_origin web_origin;
inline constexpr between<duration> any_wait{std::chrono::milliseconds{1}, std::chrono::hours{24}};
inline constexpr between<duration> any_wait_or_none{duration::zero(), std::chrono::hours{24}};
inline constexpr between<double> a_share{0, 1};
inline constexpr between<duration> a_retention{std::chrono::seconds{1}, std::chrono::hours{24 * 3650}};
inline constexpr between<byte_size> a_retained_size{{1U << 20U}, {std::uint64_t{1} << 44U}};

template <class Self, class T>
concept maybe_const = std::same_as<std::remove_const_t<Self>, T>;

template <class Visitor, maybe_const<greeter_topology> Self>
void describe(Visitor& v, Self& greeter) {
  v.value("name", greeter.name, short_text);
  v.value("greeting", greeter.greeting, short_text);
  v.value("tell-hostname", greeter.tell_hostname, anything{});
  v.value("form", greeter.form, anything{});
  v.names("calls", greeter.calls, service_name);
  v.value("publish", greeter.publish, channel_name);
  v.value("store", greeter.store, anything{});
  v.value("keep", greeter.keep, anything{});
  v.value("deadline", greeter.deadline, any_wait);
  v.value("keep-back", greeter.keep_back, a_share);
  v.value("keep-back-least", greeter.keep_back_least, any_wait_or_none);
}

template <class Visitor, maybe_const<producer_topology> Self>
void describe(Visitor& v, Self& producer) {
  v.value("name", producer.name, service_name);
  v.value("to", producer.to, channel_name);
  v.value("every", producer.every, any_wait_or_none);
  v.value("text", producer.text, message_text);
  v.value("batch", producer.batch, between<std::uint32_t>{1, 1000});
  v.value("in-flight", producer.in_flight, between<std::uint32_t>{1, 1000});
  v.value("limit", producer.limit, between<std::uint32_t>{1, 4'000'000'000});
}

template <class Visitor, maybe_const<retry_topology> Self>
void describe(Visitor& v, Self& retry) {
  v.value("attempts", retry.attempts, between<std::uint32_t>{0, 100});
  v.value("first", retry.first, any_wait);
  v.value("factor", retry.factor, between<double>{1, 10});
  v.values("delayed", retry.delayed, any_wait);
  v.value("delayed-in", retry.delayed_in, anything{});
  v.value("process-ending", retry.process_ending, between<std::uint32_t>{1, 1000});
}

template <class Visitor, maybe_const<breaker_topology> Self>
void describe(Visitor& v, Self& breaker) {
  v.value("failures", breaker.failures, between<std::uint32_t>{1, 10'000});
  v.value("open", breaker.open, any_wait);
}

template <class Visitor, maybe_const<consumer_topology> Self>
void describe(Visitor& v, Self& consumer) {
  v.value("name", consumer.name, service_name);
  v.value("from", consumer.from, channel_name);
  v.value("group", consumer.group, channel_name);
  v.value("store", consumer.store, anything{});
  v.value("into", consumer.into, channel_name);
  v.value("as", consumer.as, anything{});
  v.value("membership", consumer.member, anything{});
  v.value("batch", consumer.batch, between<std::uint32_t>{1, 10'000});
  v.value("credit", consumer.credit, between<std::uint32_t>{1, 100'000});
  v.value("unsettled", consumer.unsettled, between<std::uint32_t>{1, 1'000'000});
  v.value("timeout", consumer.timeout, any_wait);
  v.section("retry", consumer.retry);
  v.section("breaker", consumer.breaker);
}

template <class Visitor, maybe_const<supervision_topology> Self>
void describe(Visitor& v, Self& supervision) {
  v.value("strategy", supervision.strategy, anything{});
  v.value("restarts", supervision.restarts, between<std::uint32_t>{0, 1000});
  v.value("within", supervision.within, any_wait);
  v.value("backoff-min", supervision.backoff_min, any_wait);
  v.value("backoff-max", supervision.backoff_max, any_wait);
  v.value("jitter", supervision.jitter, a_share);
  v.value("stash", supervision.stash, between<std::uint32_t>{0, 1'000'000});
  v.value("stop-within", supervision.stop_within, any_wait);
}

template <class Visitor, maybe_const<service_topology> Self>
void describe(Visitor& v, Self& service) {
  v.value("address", service.address, anything{});
  v.value("peer", service.peer, anything{});
  v.value("gateway", service.gateway, service_name);
  v.value("mongodb", service.mongodb, anything{});
  v.value("amqp", service.amqp, anything{});
  v.optional_section("greeter", service.greeter);
  v.list("producers", service.producers);
  v.list("consumers", service.consumers);
  v.section("supervision", service.supervision);
}

template <class Visitor, maybe_const<stream_topology> Self>
void describe(Visitor& v, Self& stream) {
  v.value("via", stream.via, anything{});
  v.value("partitions", stream.partitions, between<std::uint32_t>{1, 1024});
  v.value("keep-for", stream.keep_for, a_retention);
  v.value("keep-size", stream.keep_size, a_retained_size);
  v.value("unread", stream.unread, anything{});
  v.value("replicas", stream.replicas, between<std::uint32_t>{1, 100});
  v.value("compatibility", stream.follows, anything{});
}

template <class Visitor, maybe_const<queue_topology> Self>
void describe(Visitor& v, Self& queue) {
  v.value("via", queue.via, anything{});
  v.value("compatibility", queue.follows, anything{});
  v.value("declared-by", queue.made_by, anything{});
  v.value("exchange", queue.exchange, channel_name);
  v.value("exchange-type", queue.exchange_type, anything{});
  v.value("routing-key", queue.routing_key, routing_key);
}

template <class Visitor, maybe_const<shutdown_topology> Self>
void describe(Visitor& v, Self& shutdown) {
  v.value("announce", shutdown.announce, any_wait_or_none);
  v.value("drain", shutdown.drain, any_wait_or_none);
  v.value("flush", shutdown.flush, any_wait_or_none);
  v.value("commit", shutdown.commit, any_wait_or_none);
  v.value("close", shutdown.close, any_wait_or_none);
  v.value("telemetry", shutdown.telemetry, any_wait_or_none);
}

template <class Visitor, maybe_const<tls_topology> Self>
void describe(Visitor& v, Self& tls) {
  v.value("authorities", tls.authorities, short_text);
  v.value("certificate", tls.certificate, short_text);
  v.value("key", tls.key, short_text);
}

template <class Visitor, maybe_const<grpc_topology> Self>
void describe(Visitor& v, Self& grpc) {
  v.value("listen", grpc.listen, anything{});
  v.value("package", grpc.package, anything{});
  v.value("without-tls", grpc.without_tls, anything{});
  v.section("tls", grpc.tls);
}

template <class Visitor, maybe_const<edge_topology> Self>
void describe(Visitor& v, Self& edge) {
  v.value("in-flight", edge.in_flight, between<std::uint32_t>{1, 1'000'000});
  v.value("connections", edge.connections, between<std::uint32_t>{1, 1'000'000});
  v.value("header-size", edge.header_size, between<byte_size>{{1U << 10U}, {1U << 20U}});
  v.value("body-size", edge.body_size, between<byte_size>{{0}, {1U << 30U}});
  v.value("header-within", edge.header_within, any_wait);
  v.value("body-within", edge.body_within, any_wait);
  v.value("idle", edge.idle, any_wait);
  v.value("read-within", edge.read_within, any_wait);
}

template <class Visitor, maybe_const<outbound_topology> Self>
void describe(Visitor& v, Self& outbound) {
  v.value("retries", outbound.retries, between<std::uint32_t>{0, 100});
  v.value("first", outbound.first, any_wait);
  v.value("budget", outbound.budget, between<std::uint32_t>{0, 100});
  v.value("in-flight", outbound.in_flight, between<std::uint32_t>{1, 1'000'000});
  v.value("proxy", outbound.proxy, anything{});
  v.section("breaker", outbound.breaker);
}

template <class Visitor, maybe_const<kafka_topology> Self>
void describe(Visitor& v, Self& kafka) {
  v.values("brokers", kafka.brokers, broker);
  v.value("credentials", kafka.credentials, anything{});
  v.value("username", kafka.username, short_text);
  v.value("password", kafka.password, anything{});
  v.value("mechanism", kafka.mechanism, anything{});
  v.value("encryption", kafka.encrypted, anything{});
  v.section("tls", kafka.tls);
  v.value("commit-after", kafka.commit_after, between<std::uint32_t>{1, 100'000});
  v.value("commit-every", kafka.commit_every, between<duration>{std::chrono::milliseconds{1}, std::chrono::minutes{10}});
  // Both within librdkafka's max.poll.interval.ms of 5 min, past which it gives a membership up.
  v.value("drain-on-revoke", kafka.drain_on_revoke,
          between<duration>{std::chrono::milliseconds{1}, std::chrono::minutes{4}});
  v.value("session", kafka.session, between<duration>{std::chrono::seconds{6}, std::chrono::minutes{5}});
  v.values("properties", kafka.properties, library_property);
}

template <class Visitor, maybe_const<mongodb_topology> Self>
void describe(Visitor& v, Self& mongodb) {
  v.value("uri", mongodb.uri, anything{});
  v.value("authorities", mongodb.authorities, short_text);
  v.value("identity", mongodb.identity, short_text);
}

template <class Visitor, maybe_const<amqp_topology> Self>
void describe(Visitor& v, Self& amqp) {
  v.value("url", amqp.url, anything{});
  v.value("virtual-host", amqp.virtual_host, short_text);
  v.value("mechanism", amqp.mechanism, anything{});
  v.value("prefetch", amqp.prefetch, between<std::uint32_t>{1, 10'000});
  v.section("tls", amqp.tls);
}

template <class Visitor, maybe_const<node_topology> Self>
void describe(Visitor& v, Self& node) {
  v.value("reference", node.reference, anything{});
  v.value("http", node.http, anything{});
  v.value("admin", node.admin, anything{});
  v.value("admin-token", node.admin_token, anything{});
  v.values("admin-hosts", node.admin_hosts, host_name);
  v.section("edge", node.edge);
  v.section("grpc", node.grpc);
  v.section("peer-tls", node.peer_tls);
  v.section("outbound", node.outbound);
  v.value("data", node.data, short_text);
  v.value("log-level", node.level, anything{});
  v.values("allowed-origins", node.allowed_origins, web_origin);
  v.value("store", node.store, anything{});
  v.value("keep-documents", node.keep_documents, a_retention);
  v.value("keep-documents-size", node.documents_size, a_retained_size);
  v.section("mongodb", node.mongodb);
  v.value("streams", node.streams, anything{});
  v.section("kafka", node.kafka);
  v.value("queues", node.queues, anything{});
  v.section("amqp", node.amqp);
  v.value("retry-failed", node.retry_failed, any_wait);
  v.value("probe-silence", node.probe_silence, any_wait);
  v.value("handler-run", node.handler_run, any_wait);
  v.section("shutdown", node.shutdown);
}

} // namespace troupe::node
