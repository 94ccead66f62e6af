#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actors/handler.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/bridges/http/edge.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/deploy/host/process/fault_switches.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/link_state.hpp>
#include <troupe/policies/trace_retention.hpp>

namespace troupe::host {

/// The parts of the process that its actors are made with.
struct assembly_parts {
  caf::actor_system& system;
  sqlite::database_ptr database;
  observer_ptr watcher;
  std::string hostname;
  std::string process_id; ///< of one process at a time, and the same after a restart
  std::uint64_t seed = 0;
  std::shared_ptr<fault_switches> faults = std::make_shared<fault_switches>(); ///< never null
  /// What a trace shows to the caller, as JSON; none where it is not kept.
  std::function<std::optional<std::string>(const policies::trace_key& trace)> outline_of_trace = {};
};

/// The actors of one service that there are so far.
struct service_handles {
  actors::supervised_group& group;
  actors::child_options options;
  store_actor writer = {};                                ///< null: the service keeps no documents
  std::map<std::string, publisher_actor> publishers = {}; ///< by channel
};

/// What a program looks at before it says that it is ready.
struct own_check {
  std::string name;
  link_state_ptr state; ///< in trouble while the check fails
};

/// What a program does before its tree starts, and undoes after its tree has ended. Either may block, and throw.
struct own_step {
  std::string name;
  std::function<void()> start;
  std::function<void()> stop; ///< null: nothing is to be undone
};

/// Makes the actors of a process that only the program knows, and gives the listeners what they answer with. Lives longer
/// than the actors. Used on the thread that starts the process.
class wiring {
public:
  virtual ~wiring() = default;

  /// Adds the clients of a service of another process.
  virtual void add_peer(actors::supervised_group& group, const peer_plan& peer) = 0;

  /// Adds an actor of the kind `code`. The services that it calls are there already.
  virtual void add_code(const service_plan& service, const actor_plan& actor, service_handles& handles) = 0;

  /// Adds the handler of a consumer with `code`.
  virtual handler_actor add_handler(const service_plan& service, const actor_plan& actor, service_handles& handles) = 0;

  /// The documents of a consumer that has a store.
  [[nodiscard]] virtual actors::document_function documents_of(const service_plan& service,
                                                               const consumer_topology& consumer) const;

  /// The results of a consumer with `into`: each message as it is, with its id and its trace.
  [[nodiscard]] virtual actors::delivery_function forwarding_of(const consumer_topology& consumer) const;

  /// Those of the code that bring in work: to be drained before the tree is stopped.
  [[nodiscard]] virtual std::vector<source_actor> sources() const { return {}; }

  /// Those on which readiness depends.
  [[nodiscard]] virtual std::vector<own_check> checks() const { return {}; }

  /// In the order in which they start; what has started stops in reverse.
  [[nodiscard]] virtual std::vector<own_step> steps() const { return {}; }

  /// Adds what the edge and gRPC answer with. Fails with the reason why they cannot.
  virtual expected<void> serve(http::edge_config& config, http::edge_ports& ports) = 0;
  virtual void serve(grpc::server_ports& ports) = 0;
};

/// Makes the wiring of a process. The plan and the parts live longer than it.
using wiring_factory = std::function<std::unique_ptr<wiring>(const process_plan& plan, const assembly_parts& parts)>;

} // namespace troupe::host
