#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/tls_files.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/link_state.hpp>
#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::kafka {

/// One of librdkafka's own properties, as https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md lists
/// them.
struct property {
  std::string name;
  std::string value;

  friend bool operator==(const property&, const property&) = default;
};

using property_list = std::vector<property>;

/// Who we are, by SASL.
struct credentials {
  std::string username;
  secret password;
};

/// Where the cluster is and who we are there.
struct access {
  std::vector<std::string> brokers; ///< `host:port`; any of them tells the others
  std::optional<credentials> login; ///< none: without SASL
};

/// Tells the access: at the start, and `anew` after an authentication failed. Called on the bridge's own thread, which it
/// may block for some seconds.
using access_source = std::function<expected<access>(freshness)>;

/// A source that always tells the same.
access_source always(access what);

/// How a client reaches its cluster.
struct connection {
  access_source where;
  std::optional<tls_files> tls;                 ///< none: plaintext. TLS 1.2 or later, and the broker's name is verified
  std::string mechanism = "SCRAM-SHA-512";      ///< of SASL, where there is a login
  std::string client_id = "troupe";             ///< as the brokers' logs and quotas name us
  duration statistics{std::chrono::seconds{5}}; ///< between librdkafka's reports, of which metrics are made
  property_list properties;                     ///< of the author's own, on top of ours
  link_state_ptr state = std::make_shared<link_state>(); ///< of whom this connection is; told by the bridge
};

/// Which partition a keyed message goes to.
enum class partitioner : std::uint8_t {
  murmur2_random, ///< as Kafka's Java client does
  fnv1a_random,   ///< as Sarama and the reference platform do
};

struct publisher_config {
  std::string topic;
  partitioner how = partitioner::murmur2_random;
  /// From the call to the broker's acknowledgement; beyond it the message is given up, and the answer tells whether it may
  /// have arrived. Past a leader's failover.
  duration acknowledged_within = std::chrono::seconds{30};
  std::size_t in_flight = 100'000;                      ///< messages without an acknowledgement; beyond: `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U; ///< the same in bytes
};

/// How partitions are dealt out in a group.
enum class assignor : std::uint8_t {
  cooperative_sticky, ///< those that stay with a member go on while others move
  range,              ///< as the reference platform's client does; every rebalance stops everybody
};

/// Where a group begins that has no committed offset.
enum class beginning : std::uint8_t { earliest, latest };

/// Which messages are seen of transactions.
enum class isolation : std::uint8_t { read_committed, read_uncommitted };

/// Consume, transform and produce as one: what handlers make of a batch, its dead letters and its settlement become visible
/// together, or not at all.
struct transaction_config {
  std::string topic; ///< of the results
  std::string id; ///< of one member at a time, and the same after a restart: a later one with it shuts the earlier one out
  partitioner how = partitioner::murmur2_random;
  /// From the first result to the commit; beyond it the brokers undo it. What a member leaves open that is killed, and does
  /// not come back, keeps its partitions' next owner and the readers of the results waiting for that long.
  duration within = std::chrono::seconds{15};
};

/// Where a delivery waits for a delayed retry.
enum class waiting_place : std::uint8_t {
  assignment, ///< with its member; later deliveries of its key wait behind it
  topic,      ///< in `retry_topic`, which another member of the group reads; its key goes on without it
};

/// When a member of a group commits, and what it is given when partitions move.
struct membership_config {
  std::uint32_t commit_after = 1000; ///< settled deliveries of a partition
  duration commit_every = std::chrono::seconds{1};
  duration drain_on_revoke = std::chrono::seconds{15}; ///< for what is in flight when a partition goes
  duration session = std::chrono::seconds{45};         ///< silent for longer, it has left
};

template <class Visitor, settings::self_of<membership_config> Self>
void describe(Visitor& v, Self& member) {
  using std::chrono::minutes, std::chrono::seconds, std::chrono::milliseconds;
  v.value("commit-after", member.commit_after, settings::between<std::uint32_t>{1, 100'000},
          "a commit costs little per message, and no more is handled again after a crash");
  v.value("commit-every", member.commit_every, settings::between<duration>{milliseconds{1}, minutes{10}},
          "the same where messages are rare");
  // Both within librdkafka's max.poll.interval.ms of 5 min, past which it gives a membership up.
  v.value("drain-on-revoke", member.drain_on_revoke, settings::between<duration>{milliseconds{1}, minutes{4}},
          "the group waits too; what is not finished the next member handles again");
  v.value("session", member.session, settings::between<duration>{seconds{6}, minutes{5}},
          "a restart of a static member moves nothing; the brokers' own bounds are 6s and 30min");
}

/// One consumer's interest in a topic.
struct subscription : membership_config {
  std::string topic;
  std::string group;
  assignor strategy = assignor::cooperative_sticky;
  beginning from = beginning::earliest;
  isolation sees = isolation::read_committed;
  std::string instance;      ///< a static member's own id (KIP-345): a quick restart causes no rebalance; empty: dynamic
  std::uint32_t batch = 100; ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 2;                  ///< one is handled while the other one is on its way
  std::uint32_t read_ahead = 2000;                      ///< deliveries in memory that could be handed out
  std::size_t partition_bytes = std::size_t{16} << 20U; ///< unsettled payloads of one partition; beyond, it pauses
  policies::redelivery_config redelivery;
  waiting_place delayed = waiting_place::assignment;
  /// The topic whose retries are read: each waits until it is due, and those of other groups are passed by. What is to be
  /// retried once more waits in the assignment.
  std::optional<std::string> retries_of;
  std::optional<transaction_config> transaction; ///< with one batch in flight, and without delayed retries
  /// For one request to the handler: four attempts of 30 s, the pauses between them, and a margin.
  duration answer_within = std::chrono::seconds{135};
};

/// Where the dead letters of a topic go.
std::string dead_letter_topic(const std::string& topic);

/// Where deliveries of a topic wait for a delayed retry, if not in the assignment.
std::string retry_topic(const std::string& topic);

/// Each mistake in words; none when the configuration can be used. Properties are tried on librdkafka itself: an unknown
/// name or a wrong value is told with the name.
std::vector<std::string> validate(const connection& config);
std::vector<std::string> validate(const publisher_config& config);
std::vector<std::string> validate(const subscription& config);

} // namespace troupe::kafka
