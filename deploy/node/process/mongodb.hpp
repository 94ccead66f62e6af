#pragma once

#include <map>
#include <string>

#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/messages/ports/secret_source.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe::node {

/// A service's store, and how it fares.
struct mongodb_store {
  store_actor store;
  link_state_ptr state;
};

using mongodb_stores = std::map<std::string, mongodb_store>; // by service

/// Adds the stores of a plan, whose connection strings are what `secrets` tells: one for all services that go by the same.
mongodb_stores add_mongodb_stores(actors::supervised_group& group, const plan& what, caf::actor_system& system,
                                  const secret_source_actor& secrets);

/// A connection string without secrets; fails with what is wrong with it, and quotes nothing of it.
expected<std::string> show_uri(const secret& uri);

} // namespace troupe::node
