#include <troupe/bridges/kafka/codec.hpp>

#include <algorithm>

namespace troupe::kafka {

namespace {

bool is_ours(std::string_view name) noexcept {
  return same_header_name(name, header_name::message_id) || same_header_name(name, content_type_header)
         || is_trace_header(name);
}

} // namespace

message decode(std::string_view topic, const record_view& record) {
  message result;
  if (record.key)
    result.key.emplace(*record.key);
  result.payload = record.payload;
  header_list traced;
  for (const auto& each : record.headers) {
    if (same_header_name(each.name, header_name::message_id))
      result.id = each.value;
    else if (same_header_name(each.name, content_type_header))
      result.content_type = each.value;
    else
      (is_trace_header(each.name) ? traced : result.headers).push_back({std::string{each.name}, std::string{each.value}});
  }
  if (!traced.empty())
    result.trace = extract(traced).context;
  if (result.id.empty())
    result.id = id_of(topic, record.partition, record.offset);
  return result;
}

void tell_headers(const message& what, const header_taker& to) {
  for (const auto& each : what.headers)
    if (!is_ours(each.name))
      to({each.name, each.value});
  if (!what.id.empty())
    to({header_name::message_id, what.id});
  if (!what.content_type.empty())
    to({content_type_header, what.content_type});
  tell_headers(what.trace, to);
}

header_list encode_headers(const message& what) {
  header_list result;
  tell_headers(what, [&result](const header_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value}});
  });
  return result;
}

std::string id_of(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return std::string{topic} + '-' + std::to_string(partition) + '-' + std::to_string(offset);
}

} // namespace troupe::kafka
