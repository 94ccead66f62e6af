#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/kafka/cluster.hpp>
#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/bridges/otlp/config.hpp>
#include <troupe/bridges/store/config.hpp>
#include <troupe/bridges/telemetry/config.hpp>
#include <troupe/deploy/host/topology/peer_address.hpp>
#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology_choices.hpp>
#include <troupe/deploy/host/topology/topology_sources.hpp>
#include <troupe/deploy/host/topology/topology_text.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/redelivery.hpp>
#include <troupe/policies/retry.hpp>
#include <troupe/policies/retry_budget.hpp>
#include <troupe/policies/supervision.hpp>
#include <troupe/policies/trace_retention.hpp>
#include <troupe/policies/trace_sampling.hpp>

namespace troupe::host {

using settings::byte_size;
using telemetry::log_level;

// A topology as its files say it, with the sources of its settings. What a bridge, an actor or a policy has as its own
// config is a member here: its defaults stand there alone. topology_schema.hpp says how each member is written and within
// which bounds, deploy/topologies/README.md what it means.

struct producer_topology : sourced {
  position where;
  std::optional<std::string> name;           ///< none: producer, producer-2, ...
  std::string to;                            ///< a stream or queue
  duration every = std::chrono::seconds{60}; ///< zero: as fast as acknowledgements come
  std::string text = "This is message {n} from host {hostname}";
  std::string media_type = "text/plain; charset=utf-8";
  std::uint32_t batch = 1;            ///< messages in one publish
  std::uint32_t in_flight = 10;       ///< publishes
  std::optional<std::uint32_t> limit; ///< messages in all
};

struct retry_settings {
  policies::retry_config in_place;
  policies::redelivery_config redelivery;
  retry_location delayed_in = retry_location::assignment;
};

/// The form of documents that every program has: the payload as it is.
inline constexpr std::string_view text_form_name = "text";

struct consumer_topology : sourced {
  position where;
  std::optional<std::string> name;         ///< none: consumer, consumer-2, ...
  std::string from;                        ///< a stream or queue
  std::optional<std::string> group;        ///< of a stream
  std::optional<collection_name> store;    ///< none: deliveries are handled by code, or only logged
  std::optional<std::string> into;         ///< a Kafka stream that gets each message, in one transaction
  std::string as{text_form_name};          ///< the form in which a delivery is stored
  membership member = membership::dynamic; ///< of a Kafka consumer group
  std::uint32_t batch = 100;
  std::uint32_t credit = 200;
  duration timeout = std::chrono::seconds{30};
  retry_settings retry;
  policies::breaker_config breaker;
  std::optional<std::size_t> code;                             ///< which handler of the service's code has the deliveries
  std::vector<std::string> forms{std::string{text_form_name}}; ///< that `as` may name; the first is the default
};

/// Of a service's actors.
struct supervision_settings {
  policies::supervision_config policy;
  std::uint32_t stash = 1000;
  duration stop_within = std::chrono::seconds{5};
};

struct service_topology : sourced {
  std::string name;
  position where;
  std::optional<peer_address> address;                  ///< where it answers when it runs in another process
  policies::callee peer = policies::callee::idempotent; ///< what kind of service answers there
  std::optional<std::string> gateway;                   ///< the service for which it answers at the edge
  std::optional<secret_reference> mongodb;              ///< where a connection string of its own is kept
  std::optional<secret_reference> amqp;                 ///< where the URL of a broker of its own is kept
  std::optional<std::string> traced_as;                 ///< its name in traces; none: its own
  owned_part<service_part> part;                        ///< what its code is; none: it has no code
  std::vector<producer_topology> producers;
  std::vector<consumer_topology> consumers;
  supervision_settings supervision;
};

struct stream_topology : sourced {
  std::string name;
  position where;
  transport via = transport::embedded; ///< by default `node_topology::streams`
  std::uint32_t partitions = 3;
  std::optional<duration> keep_for = std::chrono::hours{7 * 24};           ///< none: without bound
  std::optional<byte_size> keep_size = byte_size{std::uint64_t{1} << 30U}; ///< of each partition; none: without bound
  embedded::unread unread = embedded::unread::keep;
  std::uint32_t replicas = 3;                    ///< of a Kafka topic
  compatibility follows = compatibility::troupe; ///< likewise
  message_encoding encoding = message_encoding::own;
};

struct queue_topology : sourced {
  std::string name;
  position where;
  transport via = transport::embedded;           ///< by default `node_topology::queues`
  compatibility follows = compatibility::troupe; ///< of a broker's queue, and what follows too
  amqp::declaring made_by = amqp::declaring::declare;
  std::optional<std::string> exchange; ///< to publish to; none: to the queue itself
  std::string exchange_type = "direct";
  std::optional<std::string> routing_key; ///< none: the queue's name
  message_encoding encoding = message_encoding::own;
};

/// The steps of an orderly end, with the longest that each may take.
struct shutdown_settings {
  std::optional<duration> announce; ///< none: 0 s where all services run together, else 5 s
  duration drain = std::chrono::seconds{30};
  duration flush = std::chrono::seconds{8};
  duration commit = std::chrono::seconds{5};
  duration close = std::chrono::seconds{3};
  duration telemetry = std::chrono::seconds{2};
};

/// How services of other processes are called.
struct outbound_settings {
  policies::outbound_retry_config retry;
  policies::retry_budget_config budget;
  policies::breaker_config breaker;
  std::uint32_t in_flight = 1000;
  grpc::proxy_use proxy = grpc::proxy_use::none;
  tls_files tls; ///< to grpcs:// and https:// addresses
};

/// gRPC, both ways.
struct grpc_settings {
  std::optional<endpoint> listen; ///< none: nowhere; where a part of the services runs, on loopback
  owned_part<added_settings> own; ///< of the program
  plaintext without_tls = plaintext::loopback;
  tls_files tls; ///< of the server
};

/// What becomes of spans.
struct traces_settings {
  tracing spans = tracing::on;
  policies::trace_sampling_config sampling;
  policies::trace_retention_config kept;
  std::uint32_t kept_a_second = telemetry::telemetry_config{}.traces_a_second;
  otlp::config out;
  secret headers; ///< what `out.headers` names, once it is read
};

/// What belongs to the process, not to one service.
struct node_topology : sourced {
  owned_part<added_settings> own; ///< of the program
  http::edge_config edge{.listen = {"127.0.0.1", 8080}};
  http::administration_config admin{.listen = {"127.0.0.1", 8081}};
  std::optional<secret_reference> admin_token;
  /// None: allowed where the administration listens on loopback and all services run in the process.
  std::optional<fault_permission> faults;
  grpc_settings grpc;
  outbound_settings outbound;
  std::optional<std::string> data; ///< none: the user's state folder
  log_level level = telemetry::telemetry_config{}.level;
  store_kind store = store_kind::sqlite; ///< what keeps documents of services that do not say it
  store::config documents;               ///< of the data folder
  mongodb::server_config mongodb;
  transport streams = transport::embedded; ///< what carries those that do not say it
  kafka::cluster_config kafka;
  transport queues = transport::embedded; ///< what carries those that do not say it
  amqp::broker_config amqp;
  duration retry_failed = policies::supervision_config{}.failed_retry;
  duration probe_silence = std::chrono::seconds{10};
  duration handler_run = std::chrono::seconds{60};
  traces_settings traces;
  shutdown_settings shutdown;
};

struct topology {
  node_topology node;
  std::vector<stream_topology> streams;
  std::vector<queue_topology> queues;
  std::vector<service_topology> services; ///< in the order of the files
};

} // namespace troupe::host
