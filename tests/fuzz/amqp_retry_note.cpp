#include <troupe/bridges/amqp/codec.hpp>

#include "property.hpp"

using namespace troupe::amqp;
using namespace troupe_fuzz;

/// A note that is read is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = parse_retry_note(text_of(data, size));
  if (!first)
    return 0;
  require(first->count.answered <= first->count.attempts);
  require(parse_retry_note(to_text(*first)) == first);
  return 0;
}
