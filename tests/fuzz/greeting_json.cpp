#include <troupe/messages/values/json.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// What is read is written and read back; a greeting that says any bytes at all is written as JSON that is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  if (const auto first = greeting_from_json(text)) {
    const auto again = greeting_from_json(to_json(*first));
    require(again && *again == *first);
  } else {
    require(first.error().code == errc::undecodable && !first.error().reason.empty());
  }

  const std::string any{text};
  const auto replaced = greeting_from_json(to_json({"id" + any, any, any, {}, any}));
  require(replaced.has_value());
  const auto again = greeting_from_json(to_json(*replaced)); // replaced once, it is valid
  require(again && *again == *replaced);
  return 0;
}
