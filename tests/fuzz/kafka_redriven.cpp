#include <troupe/bridges/kafka/letter_number.hpp>

#include "property.hpp"

using namespace troupe::kafka;
using namespace troupe_fuzz;

/// A mark that is read is written and read back, and a place that has a number is found by it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto where = parse_redriven(text_of(data, size));
  if (!where)
    return 0;
  require(where->partition >= 0 && where->offset >= 0);
  require(parse_redriven(redriven_text(*where)) == where);
  where->topic = size % (most_letter_topics + 1);
  if (const auto number = number_of(*where))
    require(*number > 0 && letter_position_of(*number) == where);
  return 0;
}
