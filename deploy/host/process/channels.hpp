#pragma once

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// A channel of the plan as the embedded bridge takes it.
embedded::destination destination_of(const process_plan& plan, const std::string& channel);

/// A consumer's subscription to its channel, as the embedded bridge takes it.
embedded::subscription subscription_of(const process_plan& plan, const consumer_topology& consumer);

/// How many batches a subscription may have under way: as many as the consumer's credit allows, and at least one.
std::uint32_t batches_of(const consumer_topology& consumer, std::uint32_t batch);

/// How long a request to a consumer may last: all its attempts in place with their pauses.
duration longest_answer(const consumer_topology& consumer);

} // namespace troupe::host
