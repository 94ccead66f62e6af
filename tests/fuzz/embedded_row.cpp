#include <troupe/bridges/embedded/codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::embedded;
using namespace troupe_fuzz;

/// What stands in a file is read, and then is written back as something that reads the same, or is reported as damaged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  if (const auto headers = decode_headers(text)) {
    const auto again = decode_headers(encode_headers(*headers));
    require(again && *again == *headers);
  } else {
    require(headers.error().code == errc::undecodable);
  }
  if (const auto trace = decode_trace(text)) {
    const auto again = decode_trace(encode_trace(*trace));
    require(again && *again == *trace);
  } else {
    require(trace.error().code == errc::undecodable);
  }
  return 0;
}
