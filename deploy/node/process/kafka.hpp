#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/kafka/administration.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::node {

/// Where the cluster is and who we are there: what the plan says, and what `secrets` tells of what is kept elsewhere. It
/// blocks the thread that asks for it.
kafka::access_source access_of(const kafka::cluster_config& given, caf::actor_system& system, secret_source_actor secrets);

/// A connection of its own, which tells how it fares.
kafka::connection connection_of(const kafka::cluster_config& given, kafka::access_source where);

kafka::publisher_config topic_publisher_of(const plan& what, const channel_plan& channel);
/// For one of the consumer's actors: that of its stream, or that of its topic of retries. `process_id` is this process's
/// own, and the same after a restart.
kafka::subscription topic_subscription_of(const plan& what, const consumer_plan& consumer, const actor_plan& actor,
                                          const std::string& hostname, const std::string& process_id);

/// The topics that the streams of a plan want, with those of their dead letters and retries.
std::vector<kafka::topic_wish> topics_of(const plan& what);

/// What the plan's services must be allowed, as `principal`.
std::vector<kafka::permission_wish> permissions_of(const plan& what, const std::string& principal);

/// Those of the plan's streams that Kafka carries.
std::vector<std::string> kafka_streams(const plan& what);

/// What is wrong with a property of librdkafka, in words; empty: nothing.
std::string wrong_property(const std::string& name, const std::string& value);

} // namespace troupe::node
