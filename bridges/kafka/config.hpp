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

/// A SASL login.
struct credentials {
  std::string username;
  secret password;
};

/// The addresses of a cluster and the login there.
struct access {
  std::vector<std::string> brokers; ///< `host:port`; any of them names the others
  std::optional<credentials> login; ///< none: without SASL
};

/// Returns the access: at the start, and read `anew` after an authentication failed. Called on the bridge's own thread,
/// which it may block for some seconds.
using access_source = std::function<expected<access>(freshness)>;

/// A source that always returns the same access.
access_source always(access same);

/// How a client reaches its cluster.
struct connection {
  access_source where;
  std::optional<tls_files> tls;                 ///< none: plaintext. TLS 1.2 or later, and the broker's name is verified
  std::string mechanism = "SCRAM-SHA-512";      ///< of SASL, with a login
  std::string client_id = "troupe";             ///< the name of the client in the brokers' logs and quotas
  duration statistics{std::chrono::seconds{5}}; ///< between librdkafka's statistics, the source of metrics; 0: none
  property_list properties;                     ///< additional ones, which override Troupe's
  link_state_ptr state = std::make_shared<link_state>(); ///< updated by the bridge
};

/// Which partition a keyed message goes to.
enum class partitioner : std::uint8_t {
  murmur2_random, ///< as Kafka's Java client does
  fnv1a_random,   ///< as Sarama and the reference platform do
};

struct publisher_config {
  std::string topic;
  partitioner how = partitioner::murmur2_random;
  /// From the call to the broker's acknowledgement; then the message is given up, and the answer says whether it may have
  /// arrived.
  duration acknowledged_within = std::chrono::seconds{30};
  std::size_t in_flight = 100'000;                      ///< messages without an acknowledgement; beyond: `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U; ///< the same in bytes
};

template <class Visitor, settings::self_of<publisher_config> Self>
void describe(Visitor& v, Self& publisher) {
  v.value("acknowledged-within", publisher.acknowledged_within, settings::any_wait, "longer than a leader's failover");
  v.value("in-flight", publisher.in_flight, settings::between<std::size_t>{1, 10'000'000},
          "enough for full batches to every broker");
  v.value("in-flight-bytes", publisher.in_flight_bytes, settings::in_bytes{1 << 10U, std::uint64_t{1} << 40U},
          "what a process can spare for messages that wait");
}

/// How partitions are assigned to the members of a group.
enum class assignor : std::uint8_t {
  cooperative_sticky, ///< partitions that stay with a member go on while others move
  range,              ///< as the reference platform's client does; every rebalance stops all members
};

/// Where a group without a committed offset begins.
enum class beginning : std::uint8_t { earliest, latest };

/// Which messages of transactions are read.
enum class isolation : std::uint8_t { read_committed, read_uncommitted };

/// Consume, transform and produce as one: the results of a batch, its dead letters and its offsets become visible together,
/// or not at all.
struct transaction_config {
  std::string topic; ///< of the results
  std::string
    id; ///< transactional.id: of one member at a time, and the same after a restart; a later member fences the earlier one
  partitioner how = partitioner::murmur2_random;
  /// From the first result to the commit; then the brokers abort it. If a member is killed and does not come back, the next
  /// owner of its partitions and the readers of the results wait for that long.
  duration within = std::chrono::seconds{15};
};

template <class Visitor, settings::self_of<transaction_config> Self>
void describe(Visitor& v, Self& transaction) {
  v.value("within", transaction.within, settings::any_wait, "readers wait that long for a member that was killed");
}

/// Where a delivery waits for a delayed retry.
enum class retry_location : std::uint8_t {
  assignment, ///< with its member; later deliveries of its key wait behind it
  topic,      ///< in `retry_topic`, which another member of the group reads; later deliveries of its key go on
};

/// When a member of a group commits, and how long it may take to give partitions up.
struct membership_config {
  std::uint32_t commit_after = 1000; ///< settled deliveries of a partition
  duration commit_every = std::chrono::seconds{1};
  duration drain_on_revoke = std::chrono::seconds{15}; ///< for the deliveries in flight when a partition is revoked
  duration session = std::chrono::seconds{45};         ///< a member that is silent for longer is removed
};

template <class Visitor, settings::self_of<membership_config> Self>
void describe(Visitor& v, Self& member) {
  using std::chrono::minutes, std::chrono::seconds, std::chrono::milliseconds;
  v.value("commit-after", member.commit_after, settings::between<std::uint32_t>{1, 100'000},
          "a commit costs little per message, and no more messages are handled again after a crash");
  v.value("commit-every", member.commit_every, settings::between<duration>{milliseconds{1}, minutes{10}},
          "the same where messages are rare");
  // Both are within librdkafka's max.poll.interval.ms of 5 min, after which it gives the membership up.
  v.value("drain-on-revoke", member.drain_on_revoke, settings::between<duration>{milliseconds{1}, minutes{4}},
          "the group waits too; the next member handles unfinished deliveries again");
  v.value("session", member.session, settings::between<duration>{seconds{6}, minutes{5}},
          "a restart of a static member moves nothing; the brokers' own bounds are 6s and 30min");
}

/// One consumer of a topic.
struct subscription : membership_config {
  std::string topic;
  std::string group;
  assignor strategy = assignor::cooperative_sticky;
  beginning from = beginning::earliest;
  isolation sees = isolation::read_committed;
  std::string instance;      ///< a static member's id (KIP-345): a quick restart causes no rebalance; empty: dynamic
  std::uint32_t batch = 100; ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 2;                  ///< one is handled while the other one is on its way
  std::uint32_t read_ahead = 2000;                      ///< deliveries in memory that could be handed out
  std::size_t partition_bytes = std::size_t{16} << 20U; ///< unsettled payloads of one partition; beyond, it pauses
  policies::redelivery_config redelivery;
  retry_location delayed = retry_location::assignment;
  /// The topic whose retries are read: each waits until it is due, and those of other groups are passed by. A delivery that
  /// fails again waits in the assignment.
  std::optional<std::string> retries_of;
  std::optional<transaction_config> transaction; ///< with one batch in flight, and without delayed retries
  /// For one request to the handler: four attempts of 30 s, the pauses between them, and a margin.
  duration answer_within = std::chrono::seconds{135};
};

/// Where the dead letters of a topic go.
std::string dead_letter_topic(const std::string& topic);

/// Where deliveries of a topic wait for a delayed retry, with `retry_location::topic`.
std::string retry_topic(const std::string& topic);

/// Each mistake as text; none when the configuration can be used. Properties are tried on librdkafka itself: an unknown
/// property or a wrong value is reported with the property's name.
std::vector<std::string> validate(const connection& config);
std::vector<std::string> validate(const publisher_config& config);
std::vector<std::string> validate(const subscription& config);
/// Each property that librdkafka does not know or whose value it does not accept, and each that Troupe sets itself, as text.
std::vector<std::string> check_properties(const property_list& properties);

} // namespace troupe::kafka
