#include <troupe/messages/values/time.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// What is read is written in both forms and read back to the nanosecond; what is refused says why.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = parse_timestamp(text_of(data, size));
  if (!first) {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
    return 0;
  }
  for (const auto& text : {to_rfc3339(*first), to_go_string(*first)}) {
    const auto again = parse_timestamp(text);
    require(again && *again == *first);
  }
  return 0;
}
