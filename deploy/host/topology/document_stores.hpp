#pragma once

#include <string>
#include <vector>

#include <troupe/deploy/host/topology/plan.hpp>

namespace troupe::host {

/// Where services keep documents: the data folder, or a server of MongoDB.
struct document_store {
  std::string name; ///< of its actor, among those of bridges
  store_kind kind = store_kind::sqlite;
  std::vector<std::string> services; ///< that keep documents there
};

/// Those that a plan uses: one of the data folder, and one for all services with the same connection string.
std::vector<document_store> document_stores(const process_plan& plan);

} // namespace troupe::host
