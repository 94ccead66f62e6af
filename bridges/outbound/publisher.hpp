#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <troupe/bridges/outbound/metrics.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::outbound {

/// What a transport supplies for a publisher.
struct publisher_setup {
  std::string system;                ///< `messaging.system` of its spans: kafka, rabbitmq, ...
  std::string channel;               ///< topic, queue or exchange; named in errors
  std::vector<std::string> mistakes; ///< in the configuration; if there are any, the publisher ends with `invalid`
  std::size_t in_flight = 0;         ///< messages without an outcome; more are refused with `overloaded`
  std::size_t in_flight_bytes = 0;   ///< bytes of keys and payloads without an outcome; likewise
  duration acknowledged_within;      ///< from the call to the outcome of each message
  publisher_metrics metrics;
  make_linked_thread<sender_link> sender;
};

/// Spawns a publisher over a sender, whose thread begins with the first message.
///
/// - Within the bounds each `publish` is answered when every message has an outcome. Beyond them it is answered with
///   `overloaded` at once. With nothing in flight, a `publish` of any size is accepted.
/// - It ends when its sender fails, with that failure.
publisher_actor spawn_publisher(const spawn_context& context, publisher_setup setup);

} // namespace troupe::outbound
