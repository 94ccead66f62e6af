#include <algorithm>

#include <troupe/bridges/amqp/codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::amqp;
using namespace troupe_fuzz;

namespace {

properties_view view_of(std::string_view id, const header_list& headers) {
  properties_view made{"text/plain", id, {}};
  for (const auto& each : headers)
    made.headers.push_back({each.name, each.value});
  return made;
}

} // namespace

/// Every message is one, and what is published of it is read back whole, also where a broker has sorted its headers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  const auto headers = headers_of(bytes);
  const auto first = decode(view_of(bytes.substr(0, bytes.size() / 2), headers));
  require(first.content.headers.size() <= headers.size());
  auto written = encode_headers(first.content);
  require(decode(view_of(first.content.id, written)).content == first.content);
  std::stable_sort(written.begin(), written.end(), [](const header& a, const header& b) { return a.name < b.name; });
  require(decode(view_of(first.content.id, written)).content == first.content);
  return 0;
}
