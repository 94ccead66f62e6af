#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/deploy/node/process/mongodb.hpp>
#include <troupe/messages/ports/administration.hpp>
#include <troupe/messages/ports/greeter.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/secret_source.hpp>
#include <troupe/messages/ports/source.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/link_state.hpp>

namespace troupe::node {

/// The parts of the process that the assembly uses.
struct assembly_parts {
  caf::actor_system& system;
  sqlite::database_ptr database;
  observer_ptr watcher;
  std::string hostname;
  std::string process_id; ///< of one process at a time, and the same after a restart
  std::uint64_t seed = 0;
};

/// A connection of a service to a server outside.
struct outside_link {
  std::string service;
  std::string actor; ///< that has the connection
  link_state_ptr state;
};

/// A plan as a tree of supervised actors and bridges, wired and not yet started: a user after all that it uses, and what
/// brings in work last. It stops in reverse.
class assembly {
public:
  assembly(const process_plan& plan, assembly_parts parts);

  [[nodiscard]] actors::supervisor& tree() noexcept { return tree_; }
  [[nodiscard]] const actors::supervisor& tree() const noexcept { return tree_; }

  /// The greeter that answers the edge's greeting routes and gRPC; null where this process has none.
  [[nodiscard]] greeter_actor edge_greeter() const {
    return plan_.edge_service.empty() ? greeter_actor{} : greeters_.at(plan_.edge_service);
  }

  /// The actor that answers the administration's dead-letter routes.
  [[nodiscard]] const dead_letters_actor& dead_letters() const noexcept { return dead_letters_; }

  /// Those that bring in work: to be drained before the tree is stopped.
  [[nodiscard]] const std::vector<source_actor>& subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] const std::vector<source_actor>& producers() const noexcept { return producers_; }

  /// The connections to servers outside, on which readiness depends.
  [[nodiscard]] const std::vector<outside_link>& links() const noexcept { return links_; }

private:
  struct service_handles;

  void add_bridges();
  void add_secrets(actors::supervised_group& group);
  void add_dead_letters(actors::supervised_group& group);
  void add_peers();
  void add_service(const service_plan& service);
  void add_actor(const service_plan& service, const actor_plan& one, service_handles& handles);
  void add_greeter(const service_plan& service, const actor_plan& one, service_handles& handles);
  void add_recorder(const service_plan& service, const actor_plan& one, service_handles& handles);
  void add_forwarder(const consumer_topology& consumer, const actor_plan& one, service_handles& handles);
  void add_logger(const actor_plan& one, service_handles& handles) const;
  void add_consumer(const consumer_topology& consumer, const actor_plan& one, service_handles& handles);
  void add_publisher(const service_plan& service, const actor_plan& one, service_handles& handles);
  void add_subscription(const service_plan& service, const consumer_topology& consumer, const actor_plan& one,
                        service_handles& handles);
  [[nodiscard]] kafka::connection kafka_connection(const service_plan& service, const actor_plan& one);
  [[nodiscard]] amqp::connection amqp_connection(const service_plan& service, const actor_plan& one);
  void add_producer(const producer_topology& producer, const actor_plan& one, service_handles& handles);

  const process_plan& plan_;
  assembly_parts parts_;
  policies::supervision_config root_;               // of the supervisors above the actors of bridges and peers
  std::optional<http::client_engine> http_clients_; // where a peer is called over HTTP
  actors::supervisor tree_;
  store_actor store_;
  mongodb_stores mongodb_;
  dead_letters_actor dead_letters_;
  std::map<std::string, greeter_actor> greeters_; // by service, of this process or another
  std::vector<source_actor> subscriptions_;
  std::vector<source_actor> producers_;
  kafka::access_source kafka_access_; // where Kafka carries a stream
  secret_source_actor secrets_;       // where a bridge reads secrets
  std::vector<outside_link> links_;
};

} // namespace troupe::node
