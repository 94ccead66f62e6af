#pragma once

#include <map>
#include <string>
#include <vector>

#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

// The steps of `configure` that have a source file of their own.

/// Applies the variables of the process: TROUPE_REFERENCE, LOG_LEVEL, ALLOWED_ORIGINS, TROUPE_HTTP, TROUPE_GRPC,
/// TROUPE_ADMIN, TROUPE_ADMIN_TOKEN, TROUPE_ADMIN_HOSTS, TROUPE_DATA, TROUPE_STREAMS, TROUPE_QUEUES, Kafka's (KAFKA_...),
/// MongoDB's (MONGO_CONN, MONGO_AUTHORITIES) and AMQP's (RABBITMQ_CONN, RABBITMQ_AUTHORITIES). An empty variable is none.
void apply_process_environment(node_topology& node, const std::map<std::string, std::string>& environment,
                               diagnostics& found);

/// Applies the reference platforms' variables that set something of one service: without a prefix when one service runs, and
/// with the service's prefix (SERVICE_A_GREETING) always. A variable that cannot be applied is a mistake where it must have
/// been meant for a service that runs, else a note.
void apply_service_environment(topology& whole, const std::vector<std::string>& running,
                               const std::map<std::string, std::string>& environment, std::vector<std::string>& notes,
                               diagnostics& found);

/// Where `node.reference` names a family of reference platforms, gives every setting that is at its default the value with
/// which a service of the topology can replace one of theirs: the form of queues, documents and messages, the gRPC package,
/// which greeting is stored, and that a call to their services is repeated only where it was not sent. An address that a
/// file gives for gRPC is called over HTTP at the port of the HTTP family.
void apply_reference(topology& whole);

/// Fills in `shown` of the servers of a plan's services, and adds to `found` every connection string that is wrong, as far
/// as it is kept on this machine. A secret that is kept elsewhere, or is not there yet, is read when it is used.
void show_connections(configuration& config, const surroundings& around, diagnostics& found);

} // namespace troupe::node
