#include <algorithm>

#include <troupe/bridges/kafka/codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::kafka;
using namespace troupe_fuzz;

namespace {

record_view record_of(std::string_view bytes, const header_list& headers) {
  record_view made{3, 42, std::nullopt, bytes, {}};
  if (!bytes.empty())
    made.key = bytes.substr(1);
  for (const auto& each : headers)
    made.headers.push_back({each.name, each.value});
  return made;
}

header_list encode_headers(const message& content) {
  header_list result;
  visit_headers(content, [&result](const field_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value.value_or("")}});
  });
  return result;
}

} // namespace

/// Every record is a message with an id, its bytes are kept, and what is published of it is read back whole. Unchanged it is
/// written as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  const auto headers = headers_of(bytes);
  auto first = decode("topic", record_of(bytes, headers));
  require(!first.id.empty() && first.payload == bytes && first.key.has_value() == !bytes.empty());
  require(first.headers.size() <= headers.size());
  const auto unchanged = encode_headers(first);
  require(unchanged.size() <= headers.size() + 1 && std::equal(headers.begin(), headers.end(), unchanged.begin()));
  first.wire.reset();
  const auto written = encode_headers(first);
  for (const auto name : {header_name::message_id, content_type_header, header_name::traceparent})
    require(
      std::count_if(written.begin(), written.end(), [name](const header& each) { return same_header_name(each.name, name); })
      <= 1);
  require(decode("topic", record_of(bytes, written)) == first);
  return 0;
}
