#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/node/peer_address.hpp>
#include <troupe/deploy/node/topology_choices.hpp>
#include <troupe/deploy/node/topology_setting.hpp>
#include <troupe/deploy/node/topology_text.hpp>
#include <troupe/policies/breaker.hpp>
#include <troupe/policies/deadline_split.hpp>
#include <troupe/policies/redelivery.hpp>
#include <troupe/policies/retry.hpp>
#include <troupe/policies/retry_budget.hpp>
#include <troupe/policies/supervision.hpp>

namespace troupe::node {

// A topology as its files say it, every value with its source. topology_schema.hpp says how each member is written and
// within which bounds, deploy/topologies/README.md what it means and why its default is what it is.

struct greeter_topology {
  place where;
  setting<std::optional<std::string>> name; ///< none: the service's own
  setting<std::string> greeting;
  setting<hostname_telling> tell_hostname = hostname_telling::untold;
  setting<platform_form> form = platform_form::http;
  std::vector<setting<std::string>> calls;     ///< services, in the order of the answer
  setting<std::optional<std::string>> publish; ///< a stream or queue
  setting<std::optional<collection_name>> store;
  setting<kept_greeting> keep = kept_greeting::own;
  setting<duration> deadline = duration{std::chrono::seconds{5}};
  setting<double> keep_back = policies::deadline_split_config{}.kept_share;
  setting<duration> keep_back_least = policies::deadline_split_config{}.kept_at_least;
};

struct producer_topology {
  place where;
  setting<std::optional<std::string>> name;                     ///< none: producer, producer-2, ...
  setting<std::string> to;                                      ///< a stream or queue
  setting<duration> every = duration{std::chrono::seconds{60}}; ///< zero: as fast as acknowledgements come
  setting<std::string> text = std::string{"This is message {n} from host {hostname}"};
  setting<std::uint32_t> batch = std::uint32_t{1};      ///< messages in one publish
  setting<std::uint32_t> in_flight = std::uint32_t{10}; ///< publishes
  setting<std::optional<std::uint32_t>> limit;          ///< messages in all
};

struct retry_topology {
  setting<std::uint32_t> attempts = std::uint32_t{policies::retry_config{}.attempts};
  setting<duration> first = policies::retry_config{}.first;
  setting<double> factor = policies::retry_config{}.factor;
  setting<std::vector<duration>> delayed = policies::redelivery_config{}.delays;
  setting<retry_place> delayed_in = retry_place::assignment;
  setting<std::uint32_t> process_ending = policies::redelivery_config{}.process_ending_attempts;
};

struct breaker_topology {
  setting<std::uint32_t> failures = std::uint32_t{policies::breaker_config{}.failures};
  setting<duration> open = policies::breaker_config{}.open_for;
};

struct consumer_topology {
  place where;
  setting<std::optional<std::string>> name;      ///< none: consumer, consumer-2, ...
  setting<std::string> from;                     ///< a stream or queue
  setting<std::optional<std::string>> group;     ///< of a stream
  setting<std::optional<collection_name>> store; ///< none: deliveries are only logged
  setting<std::optional<std::string>> into;      ///< a Kafka stream that gets each message, in one transaction
  setting<stored_form> as = stored_form::greeting;
  setting<membership> member = membership::dynamic; ///< of a Kafka consumer group
  setting<std::uint32_t> batch = std::uint32_t{100};
  setting<std::uint32_t> credit = std::uint32_t{200};
  setting<std::uint32_t> unsettled = std::uint32_t{policies::redelivery_config{}.span_limit};
  setting<duration> timeout = duration{std::chrono::seconds{30}};
  retry_topology retry;
  breaker_topology breaker;
};

struct supervision_topology {
  setting<policies::restart_strategy> strategy = policies::supervision_config{}.strategy;
  setting<std::uint32_t> restarts = std::uint32_t{policies::intensity_config{}.restarts};
  setting<duration> within = policies::intensity_config{}.window;
  setting<duration> backoff_min = policies::backoff_config{}.min;
  setting<duration> backoff_max = policies::backoff_config{}.max;
  setting<double> jitter = policies::backoff_config{}.jitter;
  setting<std::uint32_t> stash = std::uint32_t{1000};
  setting<duration> stop_within = duration{std::chrono::seconds{5}};
};

struct service_topology {
  std::string name;
  place where;
  setting<std::optional<peer_address>> address;     ///< where it answers when it runs in another process
  setting<peer_kind> peer = peer_kind::troupe;      ///< who answers there
  setting<std::optional<std::string>> gateway;      ///< the service whose greeter it stands in front of
  setting<std::optional<secret_reference>> mongodb; ///< where a connection string of its own is kept
  setting<std::optional<secret_reference>> amqp;    ///< where the URL of a broker of its own is kept
  std::optional<greeter_topology> greeter;
  std::vector<producer_topology> producers;
  std::vector<consumer_topology> consumers;
  supervision_topology supervision;
};

struct stream_topology {
  std::string name;
  place where;
  setting<transport> via = transport::embedded; ///< `node_topology::streams`, unless told
  setting<std::uint32_t> partitions = std::uint32_t{3};
  setting<std::optional<duration>> keep_for = std::optional{duration{std::chrono::hours{7 * 24}}};
  setting<std::optional<byte_size>> keep_size = std::optional{byte_size{std::uint64_t{1} << 30U}};
  setting<unread_records> unread = unread_records::keep;
  setting<std::uint32_t> replicas = std::uint32_t{3};     ///< of a Kafka topic
  setting<compatibility> follows = compatibility::troupe; ///< likewise
};

struct queue_topology {
  std::string name;
  place where;
  setting<transport> via = transport::embedded;           ///< `node_topology::queues`, unless told
  setting<compatibility> follows = compatibility::troupe; ///< of a broker's queue, and what follows too
  setting<queue_maker> made_by = queue_maker::services;
  setting<std::optional<std::string>> exchange; ///< to publish to; none: to the queue itself
  setting<exchange_kind> exchange_type = exchange_kind::direct;
  setting<std::optional<std::string>> routing_key; ///< none: the queue's name
};

/// The steps of an orderly end, with the longest that each may take.
struct shutdown_topology {
  setting<std::optional<duration>> announce; ///< none: 0 s where all services run together, else 5 s
  setting<duration> drain = duration{std::chrono::seconds{30}};
  setting<duration> flush = duration{std::chrono::seconds{8}};
  setting<duration> commit = duration{std::chrono::seconds{5}};
  setting<duration> close = duration{std::chrono::seconds{3}};
  setting<duration> telemetry = duration{std::chrono::seconds{2}};
};

/// The PEM files of one end of TLS connections.
struct tls_topology {
  setting<std::optional<std::string>> authorities;
  setting<std::optional<std::string>> certificate;
  setting<std::optional<std::string>> key;
};

/// What the edge takes at most of its clients, and how long it waits for them.
struct edge_topology {
  setting<std::uint32_t> in_flight = std::uint32_t{512};      ///< requests that wait for their answer
  setting<std::uint32_t> connections = std::uint32_t{10'000}; ///< open at a time
  setting<byte_size> header_size = byte_size{std::uint64_t{16} << 10U};
  setting<byte_size> body_size = byte_size{std::uint64_t{1} << 20U};
  setting<duration> header_within = duration{std::chrono::seconds{10}}; ///< from its first byte
  setting<duration> body_within = duration{std::chrono::seconds{30}};   ///< from the end of the header
  setting<duration> idle = duration{std::chrono::seconds{75}};          ///< between two requests
  setting<duration> read_within = duration{std::chrono::seconds{30}};   ///< for a client to take its answer
};

/// How services of other processes are called.
struct outbound_topology {
  setting<std::uint32_t> retries = std::uint32_t{policies::outbound_retry_config{}.attempts};
  setting<duration> first = policies::outbound_retry_config{}.first;
  setting<std::uint32_t> budget = std::uint32_t{policies::retry_budget_config{}.percent};
  setting<std::uint32_t> in_flight = std::uint32_t{1000};
  setting<proxy_choice> proxy = proxy_choice::none; ///< for gRPC
  breaker_topology breaker;
};

/// gRPC, both ways.
struct grpc_topology {
  setting<std::optional<endpoint>> listen; ///< none: nowhere; where a part of the services runs, on loopback
  setting<grpc_package> package = grpc_package::greeting;
  setting<plaintext> without_tls = plaintext::loopback;
  tls_topology tls; ///< of the server
};

/// The Kafka cluster, for the streams that it carries.
struct kafka_topology {
  setting<std::vector<std::string>> brokers;            ///< HOST:PORT, or where a list of these is kept
  setting<std::optional<secret_reference>> credentials; ///< a JSON object with username and password
  setting<std::optional<std::string>> username;
  setting<std::optional<secret_reference>> password;
  setting<sasl_mechanism> mechanism = sasl_mechanism::scram_sha_512;
  setting<encryption> encrypted = encryption::tls;
  tls_topology tls;
  setting<std::uint32_t> commit_after = std::uint32_t{1000}; ///< settled messages of a partition
  setting<duration> commit_every = duration{std::chrono::seconds{1}};
  setting<duration> drain_on_revoke = duration{std::chrono::seconds{15}};
  setting<duration> session = duration{std::chrono::seconds{45}};
  setting<std::vector<std::string>> properties; ///< of librdkafka, as NAME=VALUE
};

/// The MongoDB servers, for the services whose documents they keep.
struct mongodb_topology {
  setting<std::optional<secret_reference>> uri; ///< where the connection string is kept
  setting<std::optional<std::string>> authorities;
  setting<std::optional<std::string>> identity; ///< certificate and key in one file
};

/// The brokers of AMQP, for the queues that they carry.
struct amqp_topology {
  setting<std::optional<secret_reference>> url;     ///< where it is kept
  setting<std::optional<std::string>> virtual_host; ///< none: the URL's
  setting<broker_login> mechanism = broker_login::plain;
  setting<std::uint32_t> prefetch = std::uint32_t{100}; ///< deliveries in a consumer's hand
  tls_topology tls;                                     ///< for amqps://
};

/// What belongs to the process, not to one service.
struct node_topology {
  /// The family of reference platforms whose ways this process keeps, so that each of its services may stand among theirs.
  setting<reference_family> reference = reference_family::none;
  setting<endpoint> http = endpoint{"127.0.0.1", 8080};
  setting<endpoint> admin = endpoint{"127.0.0.1", 8081};
  setting<std::vector<std::string>> admin_hosts = std::vector<std::string>{};
  setting<std::optional<secret_reference>> admin_token;
  edge_topology edge;
  grpc_topology grpc;
  tls_topology peer_tls; ///< for calls to grpcs:// and https:// addresses
  outbound_topology outbound;
  setting<std::optional<std::string>> data; ///< none: the user's state folder
  setting<log_level> level = log_level::info;
  setting<std::vector<std::string>> allowed_origins = std::vector<std::string>{"*"};
  setting<store_kind> store = store_kind::sqlite;   ///< what keeps documents of services that do not say it
  setting<std::optional<duration>> keep_documents;  ///< of the data folder; none: for ever
  setting<std::optional<byte_size>> documents_size; ///< likewise; none: without bound
  mongodb_topology mongodb;
  setting<transport> streams = transport::embedded; ///< what carries those that do not say it
  kafka_topology kafka;
  setting<transport> queues = transport::embedded; ///< what carries those that do not say it
  amqp_topology amqp;
  setting<duration> retry_failed = policies::supervision_config{}.failed_retry;
  setting<duration> probe_silence = duration{std::chrono::seconds{10}};
  setting<duration> handler_run = duration{std::chrono::seconds{60}};
  shutdown_topology shutdown;
};

struct topology {
  node_topology node;
  std::vector<stream_topology> streams;
  std::vector<queue_topology> queues;
  std::vector<service_topology> services; ///< in the order of the files
};

} // namespace troupe::node
