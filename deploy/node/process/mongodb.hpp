#pragma once

#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/deploy/node/plan.hpp>
#include <troupe/deploy/node/settings.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::node {

/// A store whose connection string is what `secrets` tells, on the thread that asks, and which tells how it fares.
mongodb::config store_of(const mongodb_plan& told, const shutdown_plan& end, caf::actor_system& system,
                         secret_source_actor secrets);

/// What a connection string comes to.
uri_reading read_uri(const secret& uri);

} // namespace troupe::node
