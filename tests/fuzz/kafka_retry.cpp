#include <troupe/bridges/kafka/retry_record.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// A retry that is read is written and read back whole, and no more answers are read than attempts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  message content;
  content.headers = headers_of(text_of(data, size));
  const auto first = kafka::retry_from_headers(content);
  if (!first) {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
    return 0;
  }
  require(first->answered <= first->letter.attempts);
  content.headers = kafka::retry_headers(*first);
  const auto again = kafka::retry_from_headers(content);
  require(again && *again == *first);
  return 0;
}
