#include <troupe/deploy/node/process/mongodb.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/bridges/mongodb/store.hpp>

namespace troupe::node {

namespace {

constexpr auto secret_within = std::chrono::seconds{20};

expected<mongodb::access> read_access(caf::actor_system& system, const secret_source_actor& from,
                                      const secret_reference& what, freshness how) {
  expected<mongodb::access> result{failure{}};
  caf::scoped_actor self{system};
  const auto until = deadline::after(secret_within, std::chrono::steady_clock::now());
  ask(self.operator->(), from, secret_within + std::chrono::seconds{1}, read_secret{what, how, until})
    .receive([&](secret_value& told) { result = mongodb::access{std::move(told.text)}; },
             [&](const caf::error& why) {
               const auto reason = to_failure(why);
               result = failure{reason.code, to_string(what) + ": " + reason.reason};
             });
  return result;
}

// Asks on the thread that wants to know.
mongodb::config config_of(const mongodb_plan& told, const shutdown_plan& end, caf::actor_system& system,
                          const secret_source_actor& secrets) {
  mongodb::config result;
  result.where = [uri = told.uri, &system, secrets](freshness how) { return read_access(system, secrets, uri, how); };
  result.files = {told.authorities, told.identity};
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
    auto& one = by_uri[to_string(service.mongodb->uri)];
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

uri_reading read_uri(const secret& uri) {
  return {mongodb::wrong_uri(uri), mongodb::masked(uri)};
}

} // namespace troupe::node
