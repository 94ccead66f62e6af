#include <algorithm>

#include <troupe/messages/values/trace_context.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

namespace {

header_list others(header_list headers) {
  std::erase_if(headers, [](const header& each) { return is_trace_header(each.name); });
  return headers;
}

bool printable(const header& each) {
  return std::all_of(each.value.begin(), each.value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

/// What is read is written over the same headers and read back; other headers stay, and what is written may stand in a call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto headers = headers_of(text_of(data, size));
  const auto before = others(headers);
  const auto [context, malformed] = extract(headers);
  if (!context.valid())
    require(context.trace_id == trace_context{}.trace_id && context.span_id == trace_context{}.span_id);
  inject(context, headers);
  require(others(headers) == before);
  for (const auto& each : headers)
    require(!is_trace_header(each.name) || printable(each));
  const auto again = extract(headers);
  require(!again.malformed && again.context == context);

  std::uint64_t word = 0;
  const auto child = child_of(context, [&word] { return ++word; });
  require(child.valid() && (!context.valid() || child.trace_id == context.trace_id));
  return 0;
}
