#include <troupe/messages/values/dead_letter.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// A letter that is read is written and read back whole; without its facts nothing is left but the author's headers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  message content;
  content.headers = headers_of(text_of(data, size));
  const auto before = content.headers.size();
  const auto first = dead_letter_from_headers(content);
  if (!first) {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
    return 0;
  }
  require(first->content.headers.size() + 9 == before);
  content.headers = dead_letter_headers(*first);
  require(content.headers.size() == before);
  const auto again = dead_letter_from_headers(content);
  require(again && *again == *first);
  return 0;
}
