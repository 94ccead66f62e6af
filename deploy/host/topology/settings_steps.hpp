#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/settings.hpp>

namespace troupe::host {

// The steps of `configure` that have a source file of their own.

/// Applies the variables of the process: LOG_LEVEL, ALLOWED_ORIGINS, TROUPE_HTTP, TROUPE_GRPC,
/// TROUPE_ADMIN, TROUPE_ADMIN_TOKEN, TROUPE_ADMIN_HOSTS, TROUPE_DATA, TROUPE_STREAMS, TROUPE_QUEUES, Kafka's (KAFKA_...),
/// MongoDB's (MONGO_CONN, MONGO_AUTHORITIES) and AMQP's (RABBITMQ_CONN, RABBITMQ_AUTHORITIES), and those of
/// OpenTelemetry (OTEL_...). An empty variable is none.
void apply_process_environment(node_topology& node, const std::map<std::string, std::string>& environment,
                               diagnostics& found);

/// Applies the host's and the program's variables that set something of one service: without a prefix when one service runs,
/// and with the service's prefix (SERVICE_A_MONGO_CONN) always. A variable that cannot be applied is a mistake where it must
/// have been meant for a service that runs, else a note.
void apply_service_environment(topology& whole, const extension& program, const std::vector<std::string>& running,
                               const std::map<std::string, std::string>& environment, std::vector<std::string>& notes,
                               diagnostics& found);

/// Reads a secret that is `settings::kept_here` before any actor runs. None: `found` says why.
std::optional<secret> read_here(const secret_reference& from, const setting_source& source, const surroundings& around,
                                diagnostics& found);

/// Fills in `shown` of the servers of a plan's services, and adds to `found` every connection string that is wrong, as far
/// as it is kept on this machine. A secret that is kept elsewhere, or is not there yet, is read when it is used.
void show_connections(configuration& config, const surroundings& around, diagnostics& found);

} // namespace troupe::host
