#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/kafka/administration.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::host {

/// The addresses of the cluster and the login, of which a secret that is kept elsewhere is read through `secrets`. Blocks
/// the thread that calls it.
kafka::access_source access_of(const kafka::cluster_config& given, caf::actor_system& system, secret_source_actor secrets);

/// A new connection, whose `state` says whether it works.
kafka::connection connection_of(const kafka::cluster_config& given, kafka::access_source where);

kafka::publisher_config topic_publisher_of(const process_plan& plan, const std::string& topic);
/// For one of the consumer's two subscriptions: of its stream, or of its topic of retries. `process_id` is unique to this
/// process, and the same after a restart.
kafka::subscription topic_subscription_of(const process_plan& plan, const consumer_topology& consumer,
                                          const actor_plan& actor, const std::string& hostname,
                                          const std::string& process_id);

/// The topics that the streams of a plan want, with those of their dead letters and retries.
std::vector<kafka::topic_wish> topics_of(const process_plan& plan);

/// The permissions that the plan's services need, as `principal`.
std::vector<kafka::permission_wish> permissions_of(const process_plan& plan, const std::string& principal);

/// Those of the plan's streams that Kafka carries.
std::vector<std::string> kafka_streams(const process_plan& plan);

/// Why a property of librdkafka is wrong, in words; empty: it is right.
std::string wrong_property(const std::string& name, const std::string& value);

} // namespace troupe::host
