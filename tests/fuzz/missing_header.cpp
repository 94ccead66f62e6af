#include <troupe/messages/values/greeting.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// What is read is written and read back; whatever a service is called, what is written is printable and read whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto first = parse_missing_header(text);
  require(parse_missing_header(missing_header(first)) == first);

  const auto hostile = missing_header({{std::string{text}, std::string{text}, errc::partial}, {"b", "store", errc::locked}});
  for (const auto c : hostile)
    require(c >= ' ' && c <= '~');
  require(parse_missing_header(hostile).size() == 2);
  return 0;
}
