#pragma once

#include <string>
#include <string_view>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

/// Adds to `found` what is wrong between the parts of a topology: references to nothing, circles of calls, missing and
/// contradictory settings.
void validate(const topology& whole, const extension& program, diagnostics& found);

/// Adds to `found` each circle of calls between services, once, at the call that closes it. A step of `validate`.
void find_circles(const topology& whole, diagnostics& found);

/// The service with that name, or null.
const service_topology* find_service(const topology& whole, std::string_view name) noexcept;

/// What the code of the service uses; nothing where it has none.
service_uses uses_of(const service_topology& service);

/// Whether the service keeps documents.
bool stores(const service_topology& service);

/// Whether the service publishes to the channel or consumes from it.
bool uses_channel(const service_topology& service, std::string_view name);

/// The stream, or the queue, with that name, or null.
const stream_topology* find_stream(const topology& whole, std::string_view name) noexcept;
const queue_topology* find_queue(const topology& whole, std::string_view name) noexcept;

/// Whether what a consumer publishes with `into` and its settlement are one transaction: both channels are Kafka's. `Whole`
/// is a topology or a plan.
template <class Whole>
bool in_transaction(const Whole& whole, const consumer_topology& consumer) noexcept {
  const auto by_kafka = [&whole](const std::string& channel) {
    const auto* const stream = find_stream(whole, channel);
    return stream != nullptr && stream->via == transport::kafka;
  };
  return consumer.into && by_kafka(consumer.from) && by_kafka(*consumer.into);
}

} // namespace troupe::host
