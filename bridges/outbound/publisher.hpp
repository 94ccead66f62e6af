#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <troupe/bridges/outbound/metrics.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>
#include <troupe/messages/ports/publisher.hpp>

namespace troupe::outbound {

/// What a transport brings to its publishers.
struct publisher_setup {
  std::string channel;               ///< topic, queue or exchange: in metrics and errors
  std::vector<std::string> mistakes; ///< of the configuration; with any, the publisher ends with `invalid`
  std::size_t in_flight = 0;         ///< messages without an outcome; beyond: `overloaded`
  std::size_t in_flight_bytes = 0;   ///< the same in bytes of keys and payloads
  duration acknowledged_within;      ///< from the call to the outcome of each message
  publisher_metrics metrics;
  make_linked_thread<sender_link> sender;
};

/// Spawns a publisher over a sender, whose thread begins with the first message.
///
/// - Within the bounds each `publish` is answered when every message has an outcome; beyond, with `overloaded` at once. A
///   publisher with nothing in flight takes a `publish` of any size.
/// - It ends when its sender does, with the sender's failure.
publisher_actor spawn_publisher(const spawn_context& context, publisher_setup setup);

} // namespace troupe::outbound
