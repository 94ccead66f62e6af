#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/deploy/node/peer_address.hpp>
#include <troupe/deploy/node/topology_choices.hpp>
#include <troupe/deploy/node/topology_text.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/secret.hpp>
#include <troupe/messages/values/tls_files.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/deadline_split.hpp>
#include <troupe/policies/redelivery.hpp>
#include <troupe/policies/retry.hpp>
#include <troupe/policies/retry_budget.hpp>
#include <troupe/policies/supervision.hpp>

namespace troupe::node {

// What a process does, resolved: no defaults, sources or references are left open, and every name in it exists. The assembly
// makes actors and bridges of it and needs no knowledge of files.

struct stream_plan {
  std::string name;
  transport via = transport::embedded;
  std::uint32_t partitions = 1;
  std::optional<duration> keep_for;       ///< none: without bound
  std::optional<std::uint64_t> keep_size; ///< bytes of each partition
  unread_records unread = unread_records::keep;
  std::uint32_t replicas = 1;
  compatibility follows = compatibility::troupe;
};

/// An exchange of a broker that is bound to a queue.
struct exchange_plan {
  std::string name;
  exchange_kind type = exchange_kind::direct;
  std::string routing_key;
};

struct queue_plan {
  std::string name;
  transport via = transport::embedded;
  compatibility follows = compatibility::troupe;
  queue_maker made_by = queue_maker::services;
  std::optional<exchange_plan> exchange; ///< none: it is published to directly
};

/// A stream or a queue of the plan.
struct channel_plan {
  enum class kind : std::uint8_t { stream, queue };

  kind what = kind::stream;
  std::string name;
  transport via = transport::embedded;

  friend bool operator==(const channel_plan&, const channel_plan&) = default;
};

struct greeter_store_plan {
  collection_name into;
  document_form form = document_form::http;
  kept_greeting keep = kept_greeting::own;
};

struct greeter_plan {
  std::string told_name; ///< as its greetings tell it: "Service-A"
  std::string greeting;
  hostname_telling hostname = hostname_telling::untold;
  std::vector<std::string> calls; ///< services of this process or its peers, in the order of the answer
  std::optional<channel_plan> publish;
  document_form form = document_form::http; ///< of what it publishes
  std::optional<greeter_store_plan> store;
  duration default_deadline{};
  policies::deadline_split_config split;
};

struct producer_plan {
  std::string name; ///< of its actor
  channel_plan to;
  std::string text;
  duration every{}; ///< zero: as fast as acknowledgements come
  std::uint32_t batch = 1;
  std::uint32_t in_flight = 1;
  std::optional<std::uint32_t> limit;
};

struct consumer_store_plan {
  collection_name into;
  stored_form as = stored_form::greeting;
  document_form form = document_form::http; ///< of greetings
};

struct consumer_plan {
  std::string name; ///< of its actor
  channel_plan from;
  std::string group;                        ///< of a stream; empty for a queue
  std::optional<consumer_store_plan> store; ///< none, and no `into`: deliveries are only logged
  std::optional<channel_plan> into;         ///< where each message goes on, in one transaction with its settlement
  stored_form into_as = stored_form::text;  ///< what goes on there
  membership member = membership::dynamic;
  std::uint32_t batch = 1;
  std::uint32_t credit = 1;
  duration timeout{};
  policies::retry_config retry;
  policies::breaker_config breaker;
  policies::redelivery_config redelivery;
  std::optional<channel_plan> retries; ///< the topic where a delayed retry waits; none: in the assignment
};

/// One child of a service's supervisor.
struct actor_plan {
  enum class kind : std::uint8_t {
    writer,    ///< groups the service's writes in front of the store
    publisher, ///< takes messages to a channel: a bridge's actor
    greeter,
    recorder,     ///< gives a consumer's deliveries their effect as documents
    forwarder,    ///< makes results of a consumer's deliveries
    logger,       ///< a handler that only logs deliveries
    consumer,     ///< retries, timeout and breaker in front of the recorder or the logger
    subscription, ///< brings in the deliveries of a channel: a bridge's actor
    producer,
  };

  kind what = kind::greeter;
  std::string name;                    ///< distinct within its service
  std::size_t index = 0;               ///< which of the service's producers or consumers
  std::optional<channel_plan> channel; ///< of a publisher or subscription

  friend bool operator==(const actor_plan&, const actor_plan&) = default;
};

std::string_view to_string(actor_plan::kind what) noexcept;

/// How MongoDB's servers are reached.
struct mongodb_plan {
  secret_reference uri;    ///< where the connection string is kept
  std::string authorities; ///< PEM files; empty: as the connection string says
  std::string identity;
  std::string shown; ///< the connection string without secrets; empty: it is not known yet

  friend bool operator==(const mongodb_plan&, const mongodb_plan&) = default;
};

/// How a broker of AMQP is reached.
struct amqp_plan {
  secret_reference url;                    ///< where it is kept
  std::optional<std::string> virtual_host; ///< none: the URL's
  broker_login mechanism = broker_login::plain;
  tls_files tls;
  std::uint16_t prefetch = 0;
  std::string shown; ///< the URL without secrets; empty: it is not known yet
};

struct service_plan {
  std::string name;
  policies::supervision_config supervision;
  std::size_t stash = 0;
  duration stop_within{};
  std::optional<greeter_plan> greeter;
  std::vector<producer_plan> producers;
  std::vector<consumer_plan> consumers;
  std::optional<mongodb_plan> mongodb; ///< keeps its documents; none: the data folder does
  std::optional<amqp_plan> amqp;       ///< where it uses a queue of a broker
  /// In the order in which they start: what is used before what uses it, and what brings in work last. They stop in reverse.
  std::vector<actor_plan> actors;
};

/// A service of another process that is called.
struct peer_plan {
  std::string name;
  peer_address address;
  policies::callee kind = policies::callee::idempotent;
};

/// How services of other processes are called.
struct outbound_plan {
  policies::outbound_retry_config retry;
  policies::retry_budget_config budget;
  policies::breaker_config breaker;
  std::size_t in_flight = 0;
  proxy_choice proxy = proxy_choice::none; ///< for gRPC
  tls_files tls;                           ///< to grpcs:// and https:// addresses
};

struct plan;

/// The members of Kafka's consumer groups.
struct kafka_member_plan {
  std::uint32_t commit_after = 0; ///< settled messages of a partition
  duration commit_every{};
  duration drain_on_revoke{};
  duration session{};
};

/// How the Kafka cluster is reached.
struct kafka_plan {
  std::vector<std::string> brokers;                            ///< HOST:PORT
  std::vector<secret_reference> brokers_kept;                  ///< where lists of these are kept
  std::optional<secret_reference> credentials;                 ///< a JSON object with username and password
  std::string username;                                        ///< empty: `credentials` tells it, or nobody asks
  std::optional<secret_reference> password;                    ///< there with `username`
  std::string mechanism;                                       ///< of SASL
  std::optional<tls_files> tls;                                ///< none: not encrypted
  std::vector<std::pair<std::string, std::string>> properties; ///< of librdkafka
  kafka_member_plan member;
};

/// Whether AWS keeps something of it.
bool asks_aws(const kafka_plan& what) noexcept;
bool asks_aws(const amqp_plan& what) noexcept;
bool asks_aws(const plan& what) noexcept;

/// Whether a service of it keeps its documents in MongoDB.
bool uses_mongodb(const plan& what) noexcept;

/// Where gRPC is served.
struct grpc_plan {
  endpoint listen;
  std::optional<tls_files> tls; ///< none: without
};

/// What the edge takes at most of its clients, and how long it waits for them.
struct edge_bounds {
  std::size_t in_flight = 0;
  std::size_t connections = 0;
  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;
  duration header_within{};
  duration body_within{};
  duration idle{};
  duration read_within{};
};

/// What the edge answers greetings with.
struct edge_plan {
  std::string service;                                     ///< whose greeter is asked; empty: no greeting routes
  bool gateway = false;                                    ///< whether the service that stands in front of it runs here
  greeting_order array_order = greeting_order::post_order; ///< of the bare array; the gateway's form is always pre-order
  duration deadline{};                                     ///< for a greeting: that of the service's greeter
  std::vector<std::string> allowed_origins;
  edge_bounds bounds;
};

/// The longest that each step of an orderly end may take.
struct shutdown_plan {
  duration announce{};
  duration drain{};
  duration flush{};
  duration commit{};
  duration close{};
  duration telemetry{};
};

/// The services' brokers, each once.
std::vector<amqp_plan> brokers_of(const plan& what);

/// Those of the plan's queues that this one carries.
std::vector<queue_plan> queues_at(const plan& what, const amqp_plan& whose);

struct plan {
  endpoint http;
  endpoint admin;
  std::optional<secret> admin_token;    ///< there whenever `admin` is not on loopback
  std::vector<std::string> admin_hosts; ///< none: with a token any, else those of this machine
  std::string data;                     ///< the data folder
  log_level level = log_level::info;
  /// In bytes; none: without bound.
  std::optional<std::uint64_t> documents_size;
  std::optional<duration> keep_documents; ///< none: for ever
  policies::supervision_config root;      ///< of the supervisor above the services
  duration probe_silence{};               ///< liveness fails when a probe actor is silent for that long,
  duration handler_run{};                 ///< or a handler has run for that long
  shutdown_plan shutdown;
  edge_plan edge;
  std::optional<grpc_plan> grpc; ///< for the edge's service; none: it is not served
  grpc_package package = grpc_package::greeting;
  std::vector<peer_plan> peers;
  outbound_plan outbound;
  std::optional<kafka_plan> kafka;  ///< where it carries one of the streams
  std::vector<stream_plan> streams; ///< those that a service of this process uses
  std::vector<queue_plan> queues;   ///< likewise
  std::vector<service_plan> services;
};

} // namespace troupe::node
