#include <troupe/deploy/node/process/descriptors.hpp>

#include <sys/resource.h>

namespace troupe::node {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  // Refused, the limit is what it was; `process_max_fds` tells it, and connections beyond are accepted when others close.
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

} // namespace troupe::node
