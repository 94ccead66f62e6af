#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::host {

/// The addresses of the brokers and the login: the URL, read through `secrets`. Blocks the thread that calls it.
amqp::access_source access_of(const amqp_plan& broker, caf::actor_system& system, secret_source_actor secrets);

/// A new connection, whose `state` says whether it works.
amqp::connection connection_of(const amqp_plan& broker, amqp::access_source where);

amqp::publisher_config queue_publisher_of(const process_plan& plan, const std::string& name);
amqp::subscription queue_subscription_of(const process_plan& plan, const service_plan& service,
                                         const consumer_topology& consumer);

/// The names of the plan's queues that a broker carries.
std::vector<std::string> names_at(const process_plan& plan, const amqp_plan& broker);

/// What a broker must have: these queues, those of their dead letters and delays, and their exchanges.
amqp::wish_list queue_wishes(const process_plan& plan, const amqp_plan& broker);

/// The URL of a broker without its password. Fails with the reason why it is wrong.
expected<std::string> show_broker(const secret& url);

} // namespace troupe::host
