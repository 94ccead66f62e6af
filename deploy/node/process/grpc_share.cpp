#include <troupe/deploy/node/process/grpc_share.hpp>

#include <algorithm>

#include <sys/resource.h>

namespace troupe::node {

grpc_share grpc_share_of(std::size_t limit) noexcept {
  constexpr std::size_t most = 10'000;
  if (limit == 0)
    return {most, 0};
  const auto reserved = std::min<std::size_t>(64, limit / 4);
  return {std::clamp<std::size_t>((limit - reserved) / 2, 1, most), reserved};
}

grpc_share grpc_share_here() noexcept {
  rlimit limit{};
  const bool told = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return grpc_share_of(told ? limit.rlim_cur : 0);
}

} // namespace troupe::node
