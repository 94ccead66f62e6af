#pragma once

#include <string>

#include <troupe/actors/greeter.hpp>
#include <troupe/actors/handler.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/deploy/node/plan.hpp>

namespace troupe::node {

// What is made of a plan's greeters and of deliveries that are greetings.

/// A service's greeter, but for the actors that it uses. `store` has its collection where it stores.
actors::greeter_config greeter_of(const service_plan& service, const std::string& hostname);

/// The documents of a consumer that has a store.
actors::document_function documents_of(const service_plan& service, const consumer_topology& consumer);

/// The results of a consumer with `into`: each message as it is, with its id and its trace.
actors::delivery_function forwarding_of(const consumer_topology& consumer);

} // namespace troupe::node
