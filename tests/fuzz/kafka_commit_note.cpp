#include <troupe/bridges/kafka/commit_note.hpp>

#include "property.hpp"

using namespace troupe::kafka;
using namespace troupe_fuzz;

/// A note that is read is written and read back whole, wherever the committed offset stands; what it says stands at or
/// above that offset.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto position = static_cast<std::int64_t>(size) * 1'000'003;
  const auto read = decode_note(text, position);
  if (!read) {
    require(read.error().code == troupe::errc::undecodable && !text.empty());
    return 0;
  }
  require(!read->reach || *read->reach >= position);
  for (const auto& each : read->attempts)
    require(each.offset >= position);
  const auto written = encode(*read, position);
  require(written.size() <= text.size()); // no shorter form than ours is taken
  const auto again = decode_note(written, position);
  require(again && *again == *read);
  return 0;
}
