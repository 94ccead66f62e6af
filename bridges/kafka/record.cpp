#include <troupe/bridges/kafka/record.hpp>

namespace troupe::kafka {

namespace {

constexpr std::size_t usual_headers = 8; // identity, media type and trace; librdkafka makes room for more

} // namespace

record_view view_of(const rd_kafka_message_t& what) {
  record_view result{what.partition, what.offset, std::nullopt, {}, {}};
  if (what.key != nullptr)
    result.key.emplace(static_cast<const char*>(what.key), what.key_len);
  if (what.payload != nullptr)
    result.payload = {static_cast<const char*>(what.payload), what.len};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&what, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return result;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    result.headers.push_back({name, {static_cast<const char*>(value), value != nullptr ? size : 0}});
  return result;
}

headers_handle headers_of(const message& what) {
  headers_handle made;
  tell_headers(what, [&made](const header_view& each) {
    if (!made)
      made.reset(rd_kafka_headers_new(usual_headers));
    rd_kafka_header_add(made.get(), each.name.data(), static_cast<ssize_t>(each.name.size()), each.value.data(),
                        static_cast<ssize_t>(each.value.size()));
  });
  return made;
}

} // namespace troupe::kafka
