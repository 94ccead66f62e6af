#include <troupe/messages/values/json.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// What is read is written in both forms and read back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = greetings_from_json(text_of(data, size));
  if (!first) {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
    return 0;
  }
  for (const auto& text : {greetings_to_json(*first), gateway_to_json(*first)}) {
    const auto again = greetings_from_json(text);
    require(again && *again == *first);
  }
  return 0;
}
