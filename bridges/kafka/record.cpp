#include <troupe/bridges/kafka/record.hpp>

#include <utility>

namespace troupe::kafka {

namespace {

constexpr std::size_t usual_headers = 8; // identity, media type and trace; librdkafka makes room for more

std::optional<std::string_view> bytes_of(const void* what, std::size_t size) noexcept {
  return what != nullptr ? std::optional{std::string_view{static_cast<const char*>(what), size}} : std::nullopt;
}

// Null where there are none.
headers_handle headers_of(const message& what) {
  headers_handle made;
  tell_headers(what, [&made](const field_view& each) {
    if (!made)
      made.reset(rd_kafka_headers_new(usual_headers));
    rd_kafka_header_add(made.get(), each.name.data(), static_cast<ssize_t>(each.name.size()),
                        each.value ? each.value->data() : nullptr,
                        each.value ? static_cast<ssize_t>(each.value->size()) : 0);
  });
  return made;
}

} // namespace

record_view view_of(const rd_kafka_message_t& what) {
  record_view result{what.partition, what.offset, bytes_of(what.key, what.key_len), bytes_of(what.payload, what.len), {}};
  auto kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  if (const auto time = rd_kafka_message_timestamp(&what, &kind); kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
    result.time = time;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&what, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return result;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    result.headers.push_back({name, bytes_of(value, size)});
  return result;
}

outgoing_record::outgoing_record(const message& what, bytes whose) : headers_(headers_of(what)) {
  if (const auto value = value_of(what)) {
    auto& payload = next(RD_KAFKA_VTYPE_VALUE);
    payload.u.mem.ptr = const_cast<char*>(value->data());
    payload.u.mem.size = value->size();
  }
  if (what.key) {
    auto& key = next(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = const_cast<char*>(what.key->data());
    key.u.mem.size = what.key->size();
  }
  if (whose == bytes::copied)
    next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  if (headers_)
    next(RD_KAFKA_VTYPE_HEADERS).u.headers = headers_.get();
}

rd_kafka_vu_t& outgoing_record::next(rd_kafka_vtype_t type) {
  auto& part = parts_.at(used_++);
  part.vtype = type;
  return part;
}

outgoing_record& outgoing_record::to(rd_kafka_topic_t* topic) {
  next(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
  return *this;
}

outgoing_record& outgoing_record::to(const std::string& topic) {
  next(RD_KAFKA_VTYPE_TOPIC).u.cstr = topic.c_str();
  return *this;
}

outgoing_record& outgoing_record::in(std::int32_t partition) {
  next(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition;
  return *this;
}

outgoing_record& outgoing_record::with(void* opaque) {
  next(RD_KAFKA_VTYPE_OPAQUE).u.ptr = opaque;
  return *this;
}

error_handle outgoing_record::produce(rd_kafka_t* client) {
  error_handle failed{rd_kafka_produceva(client, parts_.data(), used_)};
  if (!failed)
    static_cast<void>(headers_.release()); // the message's now
  return failed;
}

} // namespace troupe::kafka
