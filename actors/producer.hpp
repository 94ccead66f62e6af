#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::actors {

struct producer_config {
  publisher_actor to;
  std::string channel; ///< the topology's name of where that leads, for the log and metrics
  /// `{n}` is the message's number from 0, `{hostname}` the host's name. The key is the number in decimal.
  std::string text = "This is message {n} from host {hostname}";
  std::string hostname;
  std::string media_type = "text/plain; charset=utf-8";
  /// Between two publishes; zero: as fast as they are acknowledged.
  duration every = std::chrono::seconds{60};
  /// Messages in one publish.
  std::uint32_t batch = 1;
  /// Publishes that may wait for their acknowledgement. A publish that would exceed it is put off, not dropped.
  std::uint32_t in_flight = 10;
  /// Messages after which it has nothing more to say.
  std::optional<std::uint64_t> limit;
  /// For one acknowledgement.
  duration timeout = std::chrono::seconds{30};
  /// Between attempts to publish the same messages.
  policies::backoff_config backoff = policies::reconnect_backoff;
};

/// Spawns the producer of the Kafka demonstration. A publish that is not acknowledged is repeated under the same message ids
/// until it is, unless the destination refuses it for ever, which is logged.
source_actor spawn_producer(const spawn_context& context, producer_config config);

} // namespace troupe::actors
