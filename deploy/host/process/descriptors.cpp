#include <troupe/deploy/host/process/descriptors.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

#include <sys/resource.h>

#include <troupe/bridges/http/config.hpp>

namespace troupe::host {

namespace {

// The listeners and their event loops, and what is opened in passing: certificates, secrets, sorting on disk, names.
constexpr std::size_t own = 16;
constexpr std::size_t own_of_grpc = 12;
constexpr std::size_t least_for_clients = 4;
constexpr std::size_t most_of_grpc = 10'000;

constexpr std::size_t of_kafka_client = 10; // its brokers, and its two event loops
constexpr std::size_t of_amqp_actor = 2;
constexpr std::size_t of_mongodb_store = 12; // its sessions, and the monitors of the servers
constexpr std::size_t of_grpc_peer = 4;
constexpr std::size_t of_http_peer = http::client_limits{}.connections;
constexpr std::size_t of_aws = 4;

std::size_t open_here() {
  std::error_code error;
  const std::filesystem::directory_iterator all{"/proc/self/fd", error};
  return error ? 32 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t of_actor(const actor_plan& one) noexcept {
  const bool connects = one.kind == actor_kind::publisher || one.kind == actor_kind::subscription;
  if (!connects || !one.channel)
    return 0;
  switch (one.channel->via) {
    case transport::kafka:
      return of_kafka_client;
    case transport::amqp:
      return of_amqp_actor;
    case transport::embedded:
      return 0;
  }
  return 0;
}

} // namespace

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  // Refused, the limit is what it was, and the connections are shared out accordingly.
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

expected<descriptor_shares> share_descriptors(const descriptor_needs& needs) {
  descriptor_shares result;
  result.probes = std::clamp<std::size_t>(needs.limit / 16, 4, 32);
  result.administration = std::clamp<std::size_t>(needs.limit / 16, 4, 64);
  const auto reserved_of_administration = result.probes;
  const auto kept = needs.open + own + (needs.grpc ? own_of_grpc : 0) + needs.bridges + result.probes + result.administration
                    + reserved_of_administration;
  const std::size_t listeners = needs.grpc ? 2 : 1;
  if (const auto least = kept + listeners * least_for_clients; needs.limit < least)
    return failure{errc::invalid, "the process may open " + std::to_string(needs.limit) + " files, and needs at least "
                                    + std::to_string(least)
                                    + " for what it is to run: raise RLIMIT_NOFILE (ulimit -Hn, LimitNOFILE)"};
  const auto left = needs.limit - kept;
  result.edge = std::min(needs.edge, left / listeners);
  if (needs.grpc)
    result.grpc = std::min(left - result.edge, most_of_grpc);
  return result;
}

std::string in_words(const descriptor_shares& shares) {
  return std::to_string(shares.edge) + " HTTP connections at a time"
         + (shares.grpc != 0 ? " and " + std::to_string(shares.grpc) + " of gRPC" : "");
}

std::string note_on_descriptors(const process_plan& plan) {
  const auto needs = needs_here(plan);
  const auto shares = share_descriptors(needs);
  if (!shares)
    return shares.error().reason;
  if (shares->edge >= needs.edge)
    return {};
  return "node.edge.connections is " + std::to_string(needs.edge) + ", and RLIMIT_NOFILE (" + std::to_string(needs.limit)
         + ") leaves room for " + in_words(*shares);
}

std::size_t descriptors_of_bridges(const process_plan& plan) noexcept {
  std::size_t result = 0;
  for (const auto& service : plan.services) {
    for (const auto& one : service.actors)
      result += of_actor(one);
    result += service.document_server ? of_mongodb_store : 0;
  }
  result += plan.uses_kafka ? of_kafka_client : 0; // of the dead letters
  result += brokers_of(plan).size() * of_amqp_actor;
  const auto over_http = std::ranges::count_if(plan.peers, [](const peer_plan& one) { return one.address.is_http(); });
  result += static_cast<std::size_t>(over_http) * of_http_peer;
  result += (plan.peers.size() - static_cast<std::size_t>(over_http)) * of_grpc_peer;
  return result + (asks_aws(plan) ? of_aws : 0);
}

descriptor_needs needs_here(const process_plan& plan) {
  rlimit limit{};
  constexpr rlim_t most = 1U << 24U;
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  return {.limit = static_cast<std::size_t>(known ? std::min(limit.rlim_cur, most) : most),
          .open = open_here(),
          .bridges = descriptors_of_bridges(plan),
          .edge = plan.node.edge.bounds.connections,
          .grpc = plan.serves_grpc};
}

} // namespace troupe::host
