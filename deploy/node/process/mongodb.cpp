#include <troupe/deploy/node/process/mongodb.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

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

} // namespace

mongodb::config store_of(const mongodb_plan& told, const shutdown_plan& end, caf::actor_system& system,
                         secret_source_actor secrets) {
  mongodb::config result;
  result.where = [uri = told.uri, &system, secrets = std::move(secrets)](freshness how) {
    return read_access(system, secrets, uri, how);
  };
  result.files = {told.authorities, told.identity};
  result.close_within = std::max<duration>(end.close, std::chrono::milliseconds{1});
  return result;
}

uri_reading read_uri(const secret& uri) {
  return {mongodb::wrong_uri(uri), mongodb::masked(uri)};
}

} // namespace troupe::node
