#pragma once

#include <string>

#include <troupe/actors/greeter.hpp>
#include <troupe/actors/handler.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::reference {

// What is made of a plan's greeters and of deliveries that are greetings.

/// A service's greeter, but for the actors that it uses. `store` has its collection where it stores.
actors::greeter_config greeter_config_of(const host::service_plan& service, const std::string& hostname);

/// The documents of a consumer that has a store, in the form of its service.
actors::document_function documents_of(document_form form, const host::consumer_topology& consumer);

/// The results of a consumer with `into`: each message as it is, with its id and its trace.
actors::delivery_function forwarding_of(const host::consumer_topology& consumer);

} // namespace troupe::reference
