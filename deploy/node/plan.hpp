#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/node/topology.hpp>

namespace troupe::node {

// What a process does, resolved: no references are left open, and every name in it exists. Settings stand in it as they do
// in the topology. The assembly makes actors and bridges of it and needs no knowledge of files.

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

struct greeter_plan : greeter_settings {
  std::string told_name;          ///< as its greetings tell it: "Service-A"
  std::vector<std::string> calls; ///< services of this process or its peers, in the order of the answer
  std::optional<channel_plan> publish;
  std::optional<greeter_store_plan> store;
};

struct producer_plan : producer_settings {
  std::string name; ///< of its actor
  channel_plan to;
};

struct consumer_store_plan {
  collection_name into;
  stored_form as = stored_form::greeting;
  document_form form = document_form::http; ///< of greetings
};

struct consumer_plan : consumer_settings {
  std::string name; ///< of its actor
  channel_plan from;
  std::string group;                        ///< of a stream; empty for a queue
  std::optional<consumer_store_plan> store; ///< none, and no `into`: deliveries are only logged
  std::optional<channel_plan> into;         ///< where each message goes on, in one transaction with its settlement
  std::optional<channel_plan> retries;      ///< the topic where a delayed retry waits; none: in the assignment
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

/// A server or broker that keeps or carries what is a service's.
template <class Config>
struct connected : Config {
  std::string shown; ///< its connection string or URL without secrets; empty: it is not known yet

  friend bool operator==(const connected&, const connected&) = default;
};

using mongodb_plan = connected<mongodb::server_config>;
using amqp_plan = connected<amqp::broker_config>;

struct service_plan {
  std::string name;
  supervision_settings supervision;
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

struct plan;

/// Whether AWS keeps something of it.
bool asks_aws(const kafka::cluster_config& what) noexcept;
bool asks_aws(const amqp_plan& what) noexcept;
bool asks_aws(const plan& what) noexcept;

/// Whether a service of it keeps its documents in MongoDB.
bool uses_mongodb(const plan& what) noexcept;

/// Where gRPC is served.
struct grpc_plan {
  endpoint listen;
  std::optional<tls_files> tls; ///< none: without
};

/// What the edge answers greetings with.
struct edge_plan {
  std::string service;        ///< whose greeter is asked; empty: no greeting routes
  bool gateway = false;       ///< whether the service that stands in front of it runs here
  http::edge_config listener; ///< its bare array and deadline are those of the service's greeter
};

/// The services' brokers, each once.
std::vector<amqp_plan> brokers_of(const plan& what);

/// Those of the plan's queues that this one carries.
std::vector<queue_topology> queues_at(const plan& what, const amqp_plan& whose);

struct plan {
  edge_plan edge;
  http::administration_config admin; ///< with a token whenever it is not on loopback
  std::string data;                  ///< the data folder
  log_level level = log_level::info;
  store::config documents;           ///< of the data folder
  policies::supervision_config root; ///< of the supervisor above the services
  duration probe_silence{};          ///< liveness fails when a probe actor is silent for that long,
  duration handler_run{};            ///< or a handler has run for that long
  shutdown_settings shutdown;
  std::optional<grpc_plan> grpc; ///< for the edge's service; none: it is not served
  grpc::package package = grpc::package::greeting;
  std::vector<peer_plan> peers;
  outbound_settings outbound;
  std::optional<kafka::cluster_config> kafka; ///< where it carries one of the streams
  std::vector<stream_topology> streams;       ///< those that a service of this process uses
  std::vector<queue_topology> queues;         ///< likewise
  std::vector<service_plan> services;
};

} // namespace troupe::node
