#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/deploy/host/topology/topology.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::host {

/// The options of the command line that override settings, as they were typed.
struct process_options {
  std::vector<std::string> services; ///< those to run; empty: all
  std::optional<std::string> http;
  std::optional<std::string> grpc;
  std::optional<std::string> admin;
  std::optional<std::string> data;
  std::optional<std::string> log_level;
  std::map<std::string, std::string> own; ///< those that the program alone has, by name

  friend bool operator==(const process_options&, const process_options&) = default;
};

/// Which secrets are read with the settings: all that the process names for itself, or none where it runs no service.
enum class secrets_read : std::uint8_t { all, none };

/// The environment of the process, injected.
struct surroundings {
  std::map<std::string, std::string> environment;
  /// The text of a small file, such as a mounted secret.
  std::function<expected<std::string>(const std::string& path)> read_file;
  /// Why a property of the Kafka library is wrong, in words; empty: it is right. May be missing.
  std::function<std::string(const std::string& name, const std::string& value)> check_property;
  /// A connection string of MongoDB, and the URL of a broker of AMQP, without secrets. Each fails with the reason why it is
  /// wrong, and quotes nothing of it. May be missing.
  std::function<expected<std::string>(const secret& uri)> show_uri;
  std::function<expected<std::string>(const secret& url)> show_broker;
  secrets_read secrets = secrets_read::all;
};

/// The result of files, variables and options.
struct configuration {
  topology settings;                ///< every setting with its source
  std::vector<std::string> running; ///< the services of this process, in the order of the files
  process_plan plan;
  std::vector<std::string> notes; ///< what may surprise an operator; none is a mistake
};

/// Reads the files as one topology, overrides its settings with the environment's and then with the options', and resolves
/// the result, in which `program` has its part. Adds every mistake to `found`: at least one where there is no configuration.
std::optional<configuration> configure(const std::vector<topology_file>& files, const extension& program,
                                       const process_options& options, const surroundings& around, diagnostics& found);

/// What a command needs to find a program that runs, or the data of one that ran.
struct program_location {
  endpoint admin;
  std::optional<secret> admin_token;
  std::string data;
  std::optional<kafka::cluster_config> kafka; ///< where it carries streams of the topology,
  std::vector<std::string> kafka_streams;     ///< namely these
  std::optional<amqp_plan> amqp;              ///< where it carries queues of the topology,
  std::vector<std::string> amqp_queues;       ///< namely these
  bool ask_first = false;                     ///< an address was given and no data folder: only a program that runs is asked
};

/// As `configure`, but for the settings of the process alone: services and their variables are ignored.
std::optional<program_location> locate_program(const std::vector<topology_file>& files, const extension& program,
                                               const process_options& options, const surroundings& around,
                                               diagnostics& found);

} // namespace troupe::host
