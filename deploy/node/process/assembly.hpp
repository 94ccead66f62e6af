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

/// What the assembly needs of the process.
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
  std::string actor; ///< whose it is
  link_state_ptr state;
};

/// A plan as a tree of supervised actors and bridges, wired and not yet started: first what is used, then what uses it, and
/// what brings in work last. It stops in reverse.
class assembly {
public:
  assembly(const plan& what, assembly_parts parts);

  [[nodiscard]] actors::supervisor& tree() noexcept { return tree_; }
  [[nodiscard]] const actors::supervisor& tree() const noexcept { return tree_; }

  /// Who answers the edge's greeting routes and gRPC; null where this process has none.
  [[nodiscard]] greeter_actor edge_greeter() const {
    return plan_.edge.service.empty() ? greeter_actor{} : greeters_.at(plan_.edge.service);
  }

  /// Who answers the administration's dead-letter routes.
  [[nodiscard]] const dead_letters_actor& dead_letters() const noexcept { return dead_letters_; }

  /// Those that bring in work: to be drained before the tree is stopped.
  [[nodiscard]] const std::vector<source_actor>& subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] const std::vector<source_actor>& producers() const noexcept { return producers_; }

  /// The connections to servers outside, for whoever tells readiness.
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
  void add_recorder(const consumer_plan& consumer, const actor_plan& one, service_handles& handles);
  void add_forwarder(const consumer_plan& consumer, const actor_plan& one, service_handles& handles);
  void add_logger(const actor_plan& one, service_handles& handles) const;
  void add_consumer(const consumer_plan& consumer, const actor_plan& one, service_handles& handles);
  void add_publisher(const service_plan& service, const actor_plan& one, service_handles& handles);
  void add_subscription(const service_plan& service, const consumer_plan& consumer, const actor_plan& one,
                        service_handles& handles);
  [[nodiscard]] kafka::connection kafka_connection(const service_plan& service, const actor_plan& one);
  [[nodiscard]] amqp::connection amqp_connection(const service_plan& service, const actor_plan& one);
  void add_producer(const producer_plan& producer, const actor_plan& one, service_handles& handles);

  const plan& plan_;
  assembly_parts parts_;
  std::optional<http::client_engine> http_clients_; // where somebody is called over HTTP
  actors::supervisor tree_;
  store_actor store_;
  mongodb_stores mongodb_;
  dead_letters_actor dead_letters_;
  std::map<std::string, greeter_actor> greeters_; // by service, of this process or another
  std::vector<source_actor> subscriptions_;
  std::vector<source_actor> producers_;
  kafka::access_source kafka_access_; // where Kafka carries a stream
  secret_source_actor secrets_;       // where a bridge asks for secrets
  std::vector<outside_link> links_;
};

} // namespace troupe::node
