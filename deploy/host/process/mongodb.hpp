#pragma once

#include <map>
#include <string>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe::host {

/// A service's store, and the state of its connection.
struct mongodb_store {
  store_actor store;
  link_state_ptr state;
};

using mongodb_stores = std::map<std::string, mongodb_store>; // by service

/// Adds the stores of a plan, one for all services with the same connection string, which is read through `secrets`.
mongodb_stores add_mongodb_stores(actors::supervised_group& group, const process_plan& plan, caf::actor_system& system,
                                  const secret_source_actor& secrets);

/// A connection string without secrets. Fails with the reason why it is wrong, and quotes nothing of it.
expected<std::string> show_uri(const secret& uri);

} // namespace troupe::host
