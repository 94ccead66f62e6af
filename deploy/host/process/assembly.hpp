#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/deploy/host/process/mongodb.hpp>
#include <troupe/deploy/host/process/wiring.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/administration.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/secret_source.hpp>
#include <troupe/messages/ports/source.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/link_state.hpp>

namespace troupe::host {

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
  /// `code` makes what only the program knows.
  assembly(const process_plan& plan, const assembly_parts& parts, const wiring_factory& code);

  [[nodiscard]] actors::supervisor& tree() noexcept { return tree_; }
  [[nodiscard]] const actors::supervisor& tree() const noexcept { return tree_; }

  /// What only the program knows.
  [[nodiscard]] wiring& code() noexcept { return *code_; }
  [[nodiscard]] const wiring& code() const noexcept { return *code_; }

  /// The actor that answers the administration's dead-letter routes.
  [[nodiscard]] const dead_letters_actor& dead_letters() const noexcept { return dead_letters_; }

  /// Those that bring in work: to be drained before the tree is stopped.
  [[nodiscard]] const std::vector<source_actor>& subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] const std::vector<source_actor>& producers() const noexcept { return producers_; }

  /// The connections to servers outside, on which readiness depends.
  [[nodiscard]] const std::vector<outside_link>& links() const noexcept { return links_; }

private:
  struct service_actors;

  void add_bridges();
  void add_secrets(actors::supervised_group& group);
  void add_dead_letters(actors::supervised_group& group);
  void add_peers();
  void add_service(const service_plan& service);
  void add_actor(const service_plan& service, const actor_plan& one, service_actors& handles);
  void add_recorder(const service_plan& service, const actor_plan& one, service_actors& handles);
  void add_forwarder(const consumer_topology& consumer, const actor_plan& one, service_actors& handles);
  void add_logger(const actor_plan& one, service_actors& handles) const;
  void add_consumer(const consumer_topology& consumer, const actor_plan& one, service_actors& handles);
  void add_publisher(const service_plan& service, const actor_plan& one, service_actors& handles);
  void add_subscription(const service_plan& service, const consumer_topology& consumer, const actor_plan& one,
                        service_actors& handles);
  [[nodiscard]] kafka::connection kafka_connection(const service_plan& service, const actor_plan& one);
  [[nodiscard]] amqp::connection amqp_connection(const service_plan& service, const actor_plan& one);
  void add_producer(const producer_topology& producer, const actor_plan& one, service_actors& handles);

  const process_plan& plan_;
  const assembly_parts& parts_;
  policies::supervision_config root_; // of the supervisors above the actors of bridges and peers
  std::unique_ptr<wiring> code_;
  actors::supervisor tree_;
  store_actor store_;
  mongodb_stores mongodb_;
  dead_letters_actor dead_letters_;
  std::set<std::string> added_; // services
  std::vector<source_actor> subscriptions_;
  std::vector<source_actor> producers_;
  kafka::access_source kafka_access_; // where Kafka carries a stream
  secret_source_actor secrets_;       // where a bridge reads secrets
  std::vector<outside_link> links_;
};

} // namespace troupe::host
