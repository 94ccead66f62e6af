#pragma once

#include <troupe/bridges/embedded/config.hpp>
#include <troupe/deploy/node/plan.hpp>

namespace troupe::node {

/// A channel of the plan as the embedded bridge takes it.
embedded::destination destination_of(const plan& what, const channel_plan& channel);

/// A consumer's interest in its channel, as the embedded bridge takes it.
embedded::subscription subscription_of(const plan& what, const consumer_plan& consumer);

/// How long a request to a consumer may last: all its attempts in place with their pauses.
duration longest_answer(const consumer_plan& consumer);

} // namespace troupe::node
