#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/node/diagnostics.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/deploy/node/topology.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::node {

/// The options of the command line that override settings, as they were typed.
struct process_options {
  std::vector<std::string> services; ///< those to run; empty: all
  std::optional<std::string> http;
  std::optional<std::string> grpc;
  std::optional<std::string> admin;
  std::optional<std::string> data;
  std::optional<std::string> log_level;
  std::optional<std::string> reference;

  friend bool operator==(const process_options&, const process_options&) = default;
};

/// A topology file with its text.
struct topology_file {
  std::string name;
  std::string text;
};

/// What the process finds around it; injected.
struct surroundings {
  std::map<std::string, std::string> environment;
  /// The text of a small file, such as a mounted secret.
  std::function<expected<std::string>(const std::string& path)> read_file;
  /// What is wrong with a property of the Kafka library, in words; empty: nothing. It may be missing.
  std::function<std::string(const std::string& name, const std::string& value)> check_property;
  /// A connection string of MongoDB, and the URL of a broker of AMQP, without secrets; each fails with what is wrong with
  /// it, and quotes nothing of it. They may be missing.
  std::function<expected<std::string>(const secret& uri)> show_uri;
  std::function<expected<std::string>(const secret& url)> show_broker;
};

/// What files, variables and options come to.
struct configuration {
  topology settings;                ///< every setting with its source
  std::vector<std::string> running; ///< the services of this process, in the order of the files
  plan what;
  std::vector<std::string> notes; ///< what an operator might wonder about; nothing of it is wrong
};

/// Reads the files as one topology, lays the environment's and then the options' settings over it, and resolves the result.
/// Every mistake is told in `found`; without a configuration there is at least one.
std::optional<configuration> configure(const std::vector<topology_file>& files, const process_options& options,
                                       const surroundings& around, diagnostics& found);

/// Where a program that runs, or that ran, is found: what the commands that look at one need of its settings.
struct whereabouts {
  endpoint admin;
  std::optional<secret> admin_token;
  std::string data;
  std::optional<kafka::cluster_config> kafka; ///< where it carries streams of the topology,
  std::vector<std::string> kafka_streams;     ///< namely these
  std::optional<amqp_plan> amqp;              ///< where it carries queues of the topology,
  std::vector<std::string> amqp_queues;       ///< namely these
  bool ask_first = false; ///< an administration address was given and no data folder: only a program that runs is meant
};

/// As `configure`, but of the process's own settings alone: neither services nor their variables matter.
std::optional<whereabouts> process_settings(const std::vector<topology_file>& files, const process_options& options,
                                            const surroundings& around, diagnostics& found);

/// The environment's part for the process: LOG_LEVEL, ALLOWED_ORIGINS, TROUPE_HTTP, TROUPE_GRPC, TROUPE_ADMIN,
/// TROUPE_ADMIN_TOKEN, TROUPE_DATA, TROUPE_STREAMS, TROUPE_QUEUES, Kafka's (KAFKA_BROKERS, KAFKA_CREDENTIALS,
/// KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_ENCRYPTION, KAFKA_AUTHORITIES), MongoDB's (MONGO_CONN, MONGO_AUTHORITIES) and
/// AMQP's (RABBITMQ_CONN, RABBITMQ_AUTHORITIES). An empty variable is none.
void apply_process_environment(node_topology& node, const std::map<std::string, std::string>& environment,
                               diagnostics& found);

/// The environment's part for the services: the reference platforms' variables that mean one service apply when one service
/// runs, and under the service's prefix (SERVICE_A_GREETING) always. A variable that would have to be ignored is a mistake
/// when somebody must have meant it, else a note.
void apply_service_environment(topology& whole, const std::vector<std::string>& running,
                               const std::map<std::string, std::string>& environment, std::vector<std::string>& notes,
                               diagnostics& found);

} // namespace troupe::node
