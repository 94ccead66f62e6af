#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::node {

/// Where the brokers are and who we are there: the URL as `secrets` tells it. It blocks the thread that asks for it.
amqp::access_source access_of(const amqp_plan& told, caf::actor_system& system, secret_source_actor secrets);

/// A connection of its own, which tells how it fares.
amqp::connection connection_of(const amqp_plan& told, amqp::access_source where);

amqp::publisher_config queue_publisher_of(const plan& what, const channel_plan& channel);
amqp::subscription queue_subscription_of(const plan& what, const service_plan& service, const consumer_plan& consumer);

/// The names of the plan's queues that a broker carries.
std::vector<std::string> names_at(const plan& what, const amqp_plan& broker);

/// What there shall be at a broker: these queues, those of their dead letters and delays, and their exchanges.
amqp::wish_list queue_wishes(const plan& what, const amqp_plan& broker);

/// The URL of a broker without its password; fails with what is wrong with it.
expected<std::string> show_broker(const secret& url);

} // namespace troupe::node
