#include <troupe/deploy/host/process/mongodb.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/bridges/mongodb/store.hpp>
#include <troupe/deploy/host/process/secrets.hpp>
#include <troupe/deploy/host/topology/document_stores.hpp>

namespace troupe::host {

namespace {

expected<mongodb::access> read_access(caf::actor_system& system, const secret_source_actor& from,
                                      const secret_reference& kept, freshness how) {
  auto uri = read_outside(system, from, kept, how);
  if (uri.has_error())
    return uri.error();
  return mongodb::access{std::move(*uri)};
}

// Reads the connection string on the thread that connects.
mongodb::config config_of(const mongodb::server_config& given, const shutdown_settings& end, caf::actor_system& system,
                          const secret_source_actor& secrets) {
  mongodb::config result;
  result.where = [uri = *given.uri, &system, secrets](freshness how) { return read_access(system, secrets, uri, how); };
  result.files = given.files;
  result.close_within = std::max<duration>(end.close, std::chrono::milliseconds{1});
  return result;
}

} // namespace

mongodb_stores add_mongodb_stores(actors::supervised_group& group, const process_plan& plan, caf::actor_system& system,
                                  const secret_source_actor& secrets) {
  mongodb_stores result;
  for (const auto& each : document_stores(plan)) {
    if (each.kind != store_kind::mongodb)
      continue;
    const auto first = std::ranges::find(plan.services, each.services.front(), &service_plan::name);
    const auto config = config_of(*first->document_server, plan.node.shutdown, system, secrets);
    const mongodb_store one{
      group.add(each.name, [config](const spawn_context& context) { return mongodb::spawn_store(context, config); }),
      config.state};
    for (const auto& service : each.services)
      result.emplace(service, one);
  }
  return result;
}

expected<std::string> show_uri(const secret& uri) {
  if (auto wrong = mongodb::wrong_uri(uri); !wrong.empty())
    return failure{errc::invalid, std::move(wrong)};
  return mongodb::masked(uri);
}

} // namespace troupe::host
