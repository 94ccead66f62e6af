#include <troupe/deploy/node/process/mongodb.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/bridges/mongodb/store.hpp>
#include <troupe/deploy/node/process/secrets.hpp>

namespace troupe::node {

namespace {

expected<mongodb::access> read_access(caf::actor_system& system, const secret_source_actor& from,
                                      const secret_reference& what, freshness how) {
  auto uri = read_outside(system, from, what, how);
  if (uri.has_error())
    return uri.error();
  return mongodb::access{std::move(*uri)};
}

// Asks on the thread that wants to know.
mongodb::config config_of(const mongodb::server_config& given, const shutdown_settings& end, caf::actor_system& system,
                          const secret_source_actor& secrets) {
  mongodb::config result;
  result.where = [uri = *given.uri, &system, secrets](freshness how) { return read_access(system, secrets, uri, how); };
  result.files = given.files;
  result.close_within = std::max<duration>(end.close, std::chrono::milliseconds{1});
  return result;
}

} // namespace

mongodb_stores add_mongodb_stores(actors::supervised_group& group, const plan& what, caf::actor_system& system,
                                  const secret_source_actor& secrets) {
  mongodb_stores result;
  std::map<std::string, mongodb_store> by_uri;
  for (const auto& service : what.services) {
    if (!service.mongodb)
      continue;
    auto& one = by_uri[to_string(*service.mongodb->uri)];
    if (!one.store) {
      const auto told = config_of(*service.mongodb, what.shutdown, system, secrets);
      one = {group.add(by_uri.size() == 1 ? "mongodb" : "mongodb-" + service.name,
                       [told](const spawn_context& where) { return mongodb::spawn_store(where, told); }),
             told.state};
    }
    result.emplace(service.name, one);
  }
  return result;
}

expected<std::string> show_uri(const secret& uri) {
  if (auto wrong = mongodb::wrong_uri(uri); !wrong.empty())
    return failure{errc::invalid, std::move(wrong)};
  return mongodb::masked(uri);
}

} // namespace troupe::node
