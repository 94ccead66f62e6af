#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

// What a process does: the settings of its services and its node as the topology has them, with what is decided about them.
// No reference is left open, and every name in it exists.

enum class channel_kind : std::uint8_t { stream, queue };

struct channel_plan {
  channel_kind kind = channel_kind::stream;
  std::string name;
  transport via = transport::embedded;

  friend bool operator==(const channel_plan&, const channel_plan&) = default;
};

enum class actor_kind : std::uint8_t {
  writer,       ///< groups the service's writes in front of the store
  publisher,    ///< takes messages to a channel: a bridge's actor
  code,         ///< of the program
  recorder,     ///< gives a consumer's deliveries their effect as documents
  forwarder,    ///< makes results of a consumer's deliveries
  handler,      ///< the code's
  logger,       ///< a handler that only logs deliveries
  consumer,     ///< retries, timeout and breaker in front of the recorder, the forwarder, the handler or the logger
  subscription, ///< brings in the deliveries of a channel: a bridge's actor
  producer,
};

constexpr auto words_of(actor_kind) {
  return settings::words<actor_kind>({{"writer", actor_kind::writer},
                                      {"publisher", actor_kind::publisher},
                                      {"code", actor_kind::code},
                                      {"recorder", actor_kind::recorder},
                                      {"forwarder", actor_kind::forwarder},
                                      {"handler", actor_kind::handler},
                                      {"logger", actor_kind::logger},
                                      {"consumer", actor_kind::consumer},
                                      {"subscription", actor_kind::subscription},
                                      {"producer", actor_kind::producer}});
}

/// One child of a service's supervisor.
struct actor_plan {
  actor_kind kind = actor_kind::code;
  std::string name;                    ///< distinct within its service
  std::size_t index = 0;               ///< which of the service's producers, consumers or actors of code
  std::optional<channel_plan> channel; ///< of a publisher, a subscription, or what makes results of a transaction

  friend bool operator==(const actor_plan&, const actor_plan&) = default;
};

/// A server or broker that a service uses.
template <class Config>
struct connected : Config {
  std::string shown; ///< its connection string or URL without secrets; empty: it is not known yet

  friend bool operator==(const connected&, const connected&) = default;
};

using mongodb_plan = connected<mongodb::server_config>;
using amqp_plan = connected<amqp::broker_config>;

/// A service of this process. Each of its parts has its name.
struct service_plan : service_topology {
  std::optional<mongodb_plan> document_server; ///< none: its documents are in the data folder
  std::optional<amqp_plan> broker;             ///< of its queues that AMQP carries
  /// In the order in which they start: a user after all that it uses, and what brings in work last. They stop in reverse.
  std::vector<actor_plan> actors;
};

/// A service of another process that is called.
struct peer_plan {
  std::string name;
  peer_address address;
  policies::callee kind = policies::callee::idempotent;
};

struct process_plan {
  std::string program = "troupe"; ///< its name
  node_topology node;
  /// For which the edge and gRPC answer. A service of another process is one where a gateway to it runs here.
  std::vector<std::string> edge_services;
  bool serves_grpc = false; ///< at `node.grpc.listen`
  bool uses_kafka = false;  ///< whether Kafka carries one of the streams
  std::vector<peer_plan> peers;
  std::vector<stream_topology> streams; ///< those that a service of this process uses
  std::vector<queue_topology> queues;   ///< likewise
  std::vector<service_plan> services;
};

/// The plan of a process that runs these services of a valid topology. Adds to `found` what such a process cannot do, and to
/// `notes` what may surprise an operator, such as a queue that no service reads. Secrets are not read.
process_plan resolve(const topology& whole, const extension& program, const std::vector<std::string>& running,
                     std::vector<std::string>& notes, diagnostics& found);

/// The actors of a service that answer calls.
std::vector<std::string> serving_actors(const service_plan& service);

/// Whether the service runs in the process.
bool runs_here(const process_plan& plan, std::string_view service) noexcept;

/// The topic where a consumer's messages wait for a delayed retry; none: they wait in its assignment.
std::optional<std::string> retry_topic_of(const consumer_topology& consumer);

/// Whether a secret or an address is kept by AWS.
bool asks_aws(const kafka::cluster_config& cluster) noexcept;
bool asks_aws(const amqp_plan& broker) noexcept;
bool asks_aws(const process_plan& plan) noexcept;

/// Whether spans are to leave the process.
bool exports_traces(const process_plan& plan) noexcept;

/// Whether a service keeps its documents in MongoDB.
bool uses_mongodb(const process_plan& plan) noexcept;

/// The services' brokers, each once.
std::vector<amqp_plan> brokers_of(const process_plan& plan);

/// The queues that the broker carries.
std::vector<queue_topology> queues_at(const process_plan& plan, const amqp_plan& broker);

/// The stream with that name, or null.
const stream_topology* find_stream(const process_plan& plan, const std::string& name) noexcept;

} // namespace troupe::host
