#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/access.hpp>
#include <troupe/bridges/amqp/queue.hpp>
#include <troupe/messages/settings/tls_files.hpp>
#include <troupe/messages/values/link_state.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::amqp {

/// The largest prefetch, and the largest window of messages that are not confirmed.
inline constexpr std::uint16_t most_prefetched = 10'000;

/// How a client authenticates.
enum class sasl : std::uint8_t {
  plain,
  external, ///< by the certificate in `tls`
};

constexpr auto words_of(sasl) {
  return settings::words<sasl>({{"PLAIN", sasl::plain}, {"EXTERNAL", sasl::external}});
}

/// How a client connects to its brokers.
struct connection {
  access_source where;
  tls_files tls; ///< for an access with TLS; without authorities those of the system are trusted
  sasl mechanism = sasl::plain;
  std::string name = "troupe"; ///< as the brokers' management shows the connection
  duration heartbeat = std::chrono::seconds{10};
  duration reached_within = std::chrono::seconds{5};
  link_state_ptr state = std::make_shared<link_state>(); ///< set by the bridge
};

template <class Visitor, settings::self_of<connection> Self>
void describe(Visitor& v, Self& to) {
  using std::chrono::minutes, std::chrono::seconds;
  v.value("heartbeat", to.heartbeat, settings::between<duration>{seconds{1}, minutes{10}},
          "a peer that is gone is noticed within two of them");
  v.value("reached-within", to.reached_within, settings::any_wait, "for one broker; then the next one is tried");
}

/// Who creates the queues.
enum class declaring : std::uint8_t {
  declare, ///< the bridge, at every connect; a queue that exists with other properties is reported and left unchanged
  expect,  ///< others, such as `troupe topics apply`: for users without the right to configure
};

constexpr auto words_of(declaring) {
  return settings::words<declaring>({{"services", declaring::declare}, {"operators", declaring::expect}});
}

struct publisher_config {
  queue to;                ///< reached through the default exchange, as on the reference platform; unused with an exchange
  std::string exchange;    ///< created by others; empty: the default one
  std::string routing_key; ///< for that exchange
  declaring queues = declaring::declare;
  duration acknowledged_within = std::chrono::seconds{30};
  std::size_t window = 500;                             ///< messages sent and not confirmed
  std::size_t in_flight = 100'000;                      ///< messages without an answer; more are refused with `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U; ///< the same in bytes
};

template <class Visitor, settings::self_of<publisher_config> Self>
void describe(Visitor& v, Self& config) {
  v.value("acknowledged-within", config.acknowledged_within, settings::any_wait,
          "from the call to the confirm, past a failover; beyond it the message is given up");
  v.value("window", config.window, settings::between<std::size_t>{1, most_prefetched}, "enough to keep a broker busy");
  v.value("in-flight", config.in_flight, settings::between<std::size_t>{1, 10'000'000}, "a burst that memory can hold");
  v.value("in-flight-bytes", config.in_flight_bytes, settings::in_bytes{1024, std::uint64_t{1} << 40U}, "the same in bytes");
}

/// A consumer's subscription to a queue.
struct subscription {
  queue from;
  declaring queues = declaring::declare;
  std::string consumer_tag;     ///< as the broker shows the consumer; empty: the service's name
  std::uint16_t prefetch = 100; ///< unsettled deliveries: the credit of this consumer
  std::uint32_t batch = 50;     ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 4;
  std::uint32_t ack_after = 50; ///< settled deliveries
  duration ack_every = std::chrono::milliseconds{50};
  duration give_back_after = std::chrono::minutes{5}; ///< of a pause
  policies::redelivery_config redelivery;
  duration hold_at_most = std::chrono::seconds{30}; ///< a longer delay waits in a delay queue at the broker
  duration answer_within = std::chrono::seconds{135};
};

template <class Visitor, settings::self_of<subscription> Self>
void describe(Visitor& v, Self& config) {
  v.value("prefetch", config.prefetch, settings::between<std::uint16_t>{1, most_prefetched},
          "RabbitMQ's advice for quorum queues; enough to keep a store's transactions full");
  v.value("batch", config.batch, settings::between<std::uint32_t>{1, most_prefetched}, "the next one arrives meanwhile");
  v.value("batches-in-flight", config.batches_in_flight, settings::between<std::uint32_t>{1, 1'000'000},
          "a small batch in flight holds up nothing behind it");
  v.value("ack-after", config.ack_after, settings::between<std::uint32_t>{1, most_prefetched}, "one frame for many");
  v.value("ack-every", config.ack_every, settings::any_wait, "the same where messages are rare");
  v.value("give-back-after", config.give_back_after, settings::any_wait,
          "other consumers get the deliveries, before the broker's consumer timeout of half an hour");
  v.value("delays", config.redelivery.delays, settings::any_wait);
  v.value("hold-at-most", config.hold_at_most, settings::any_wait,
          "half of the shortest consumer timeout that RabbitMQ enforces in time, because it checks once a minute");
  v.value("answer-within", config.answer_within, settings::any_wait, "four attempts of 30 s, their pauses, and a margin");
}

/// The settings of the brokers that an operator sets. With the access that `url` names they make a `connection`.
struct broker_config {
  std::optional<secret_reference> url;
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

/// Returns each mistake in words; none if the configuration is valid.
std::vector<std::string> validate(const connection& config);
std::vector<std::string> validate(const publisher_config& config);
std::vector<std::string> validate(const subscription& config);

} // namespace troupe::amqp
