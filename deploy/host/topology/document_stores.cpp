#include <troupe/deploy/host/topology/document_stores.hpp>

#include <map>
#include <utility>

#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/host/topology/tree_names.hpp>

namespace troupe::host {

std::vector<document_store> document_stores(const process_plan& plan) {
  std::vector<document_store> result;
  std::map<std::string, std::size_t> by_uri; // empty: the data folder
  std::size_t servers = 0;
  for (const auto& service : plan.services) {
    if (!stores(service))
      continue;
    const auto& server = service.document_server;
    const auto uri = server ? to_string(*server->uri) : std::string{};
    const auto [found, is_new] = by_uri.emplace(uri, result.size());
    if (is_new && server)
      result.push_back({++servers == 1 ? "mongodb" : "mongodb-" + service.name, store_kind::mongodb, {}});
    else if (is_new)
      result.push_back({std::string{store_actor_name}, store_kind::sqlite, {}});
    result[found->second].services.push_back(service.name);
  }
  return result;
}

} // namespace troupe::host
