#include <troupe/messages/values/deadline.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// A span that is read is never negative, and is written and read back without loss.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = parse_grpc_timeout(text_of(data, size));
  if (!first) {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
    return 0;
  }
  require(*first >= duration::zero());
  const auto again = parse_grpc_timeout(to_grpc_timeout(*first));
  require(again && *again == *first);
  const instant now{std::chrono::hours{1}};
  require(!deadline::after(*first, now).limited() || deadline::after(*first, now).remaining(now) == *first);
  return 0;
}
