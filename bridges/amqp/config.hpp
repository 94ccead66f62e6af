#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/queue.hpp>
#include <troupe/messages/settings/tls_files.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/link_state.hpp>
#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::amqp {

struct address {
  std::string host;
  std::uint16_t port = 5672;

  friend bool operator==(const address&, const address&) = default;
};

/// Who we are, by SASL PLAIN.
struct credentials {
  std::string username;
  secret password;
};

/// A consumer holds no more than that.
inline constexpr std::uint16_t most_prefetched = 10'000;

enum class encryption : std::uint8_t {
  none,
  tls, ///< 1.2 or later, and the broker's name is verified
};

/// Where the brokers are and who we are there.
struct access {
  std::vector<address> hosts; ///< tried in turn
  std::string virtual_host = "/";
  credentials login; ///< unused with EXTERNAL
  encryption how = encryption::none;
};

/// Tells the access: at the start, and `anew` after it was refused or nobody could be reached. Called on the bridge's own
/// thread, which it may block for some seconds.
using access_source = std::function<expected<access>(freshness)>;

/// A source that always tells the same.
access_source always(access what);

/// How one proves who one is.
enum class sasl : std::uint8_t {
  plain,
  external, ///< by the certificate in `tls`
};

constexpr auto words_of(sasl) {
  return settings::words<sasl>({{"PLAIN", sasl::plain}, {"EXTERNAL", sasl::external}});
}

/// How a client reaches its brokers.
struct connection {
  access_source where;
  tls_files tls; ///< for an access by TLS; without authorities the system's are trusted
  sasl mechanism = sasl::plain;
  std::string name = "troupe"; ///< as the brokers' management shows us
  /// Between signs of life of either side; a peer that has vanished is noticed within two of them.
  duration heartbeat = std::chrono::seconds{10};
  duration reached_within = std::chrono::seconds{5};     ///< one broker; then the next one is tried
  link_state_ptr state = std::make_shared<link_state>(); ///< of whom this connection is; told by the bridge
};

/// Who makes the queues.
enum class declaring : std::uint8_t {
  declare, ///< we do, whenever we connect; one that is there with other properties is told and left as it is
  expect,  ///< somebody else does, such as `troupe topics apply`: for users without the right to configure
};

constexpr auto words_of(declaring) {
  return settings::words<declaring>({{"services", declaring::declare}, {"operators", declaring::expect}});
}

struct publisher_config {
  queue to; ///< reached through the default exchange, as the reference platform does; not asked where there is an exchange
  std::string exchange;    ///< of somebody else's; empty: the default one
  std::string routing_key; ///< for that exchange
  declaring queues = declaring::declare;
  /// From the call to the broker's confirm; beyond it the message is given up, and the answer tells whether it may have
  /// arrived. Past a failover.
  duration acknowledged_within = std::chrono::seconds{30};
  std::size_t window = 500;        ///< messages sent and not confirmed: enough to keep a broker busy
  std::size_t in_flight = 100'000; ///< messages without an answer; beyond, unless it has none: `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U; ///< the same in bytes
};

/// One consumer's interest in a queue.
struct subscription {
  queue from;
  declaring queues = declaring::declare;
  std::string consumer_tag;            ///< as the broker shows it; empty: the service's name
  std::uint16_t prefetch = 100;        ///< deliveries in hand: the credit of this consumer
  std::uint32_t batch = 50;            ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 4; ///< a small one on its way holds up nothing behind it
  std::uint32_t ack_after = 50;        ///< settled deliveries
  duration ack_every = std::chrono::milliseconds{50};
  /// A pause beyond this gives back what is in hand: others may have it, and the broker's consumer timeout (half an hour)
  /// never strikes.
  duration give_back_after = std::chrono::minutes{5};
  policies::redelivery_config redelivery;
  /// A longer delay waits at the broker, in a delay queue: a delivery in hand may stay there no longer than the broker's
  /// consumer timeout, which it does not tell. Half of the shortest that RabbitMQ sees in time, which looks once a minute.
  duration hold_at_most = std::chrono::seconds{30};
  /// For one request to the handler: four attempts of 30 s, the pauses between them, and a margin.
  duration answer_within = std::chrono::seconds{135};
};

/// What an operator sets of the brokers: what makes a `connection`, once the URL is read where it is kept.
struct broker_config {
  std::optional<secret_reference> url;     ///< where it is kept
  std::optional<std::string> virtual_host; ///< none: the URL's
  sasl mechanism = connection{}.mechanism;
  std::uint16_t prefetch = subscription{}.prefetch; ///< of every consumer
  tls_files tls;                                    ///< for amqps://

  friend bool operator==(const broker_config&, const broker_config&) = default;
};

template <class Visitor, settings::self_of<broker_config> Self>
void describe(Visitor& v, Self& broker) {
  v.value("url", broker.url, settings::anything{}, "several hosts are tried in turn");
  v.value("virtual-host", broker.virtual_host, settings::short_text);
  v.value("mechanism", broker.mechanism, settings::anything{});
  v.value("prefetch", broker.prefetch, settings::between<std::uint16_t>{1, most_prefetched},
          "RabbitMQ's advice for quorum queues; enough to keep a store's transactions full");
  v.section("tls", broker.tls);
}

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const connection& config);
std::vector<std::string> validate(const publisher_config& config);
std::vector<std::string> validate(const subscription& config);

} // namespace troupe::amqp
