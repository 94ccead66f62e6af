#include <troupe/bridges/kafka/record.hpp>

#include <utility>

namespace troupe::kafka {

namespace {

constexpr int queue_full_pause_ms = 10;
constexpr std::size_t usual_headers = 8; // identity, media type and trace; librdkafka allocates more

std::optional<std::string_view> bytes_of(const void* data, std::size_t size) noexcept {
  return data != nullptr ? std::optional{std::string_view{static_cast<const char*>(data), size}} : std::nullopt;
}

// Null where there are none.
headers_handle headers_of(const message& content) {
  headers_handle made;
  visit_headers(content, [&made](const field_view& each) {
    if (!made)
      made.reset(rd_kafka_headers_new(usual_headers));
    rd_kafka_header_add(made.get(), each.name.data(), static_cast<ssize_t>(each.name.size()),
                        each.value ? each.value->data() : nullptr,
                        each.value ? static_cast<ssize_t>(each.value->size()) : 0);
  });
  return made;
}

} // namespace

record_view view_of(const rd_kafka_message_t& consumed) {
  record_view result{consumed.partition,
                     consumed.offset,
                     bytes_of(consumed.key, consumed.key_len),
                     bytes_of(consumed.payload, consumed.len),
                     {}};
  auto kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  if (const auto time = rd_kafka_message_timestamp(&consumed, &kind); kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
    result.time = time;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&consumed, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return result;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    result.headers.push_back({name, bytes_of(value, size)});
  return result;
}

outgoing_record::outgoing_record(const message& content, bytes owned_by) : headers_(headers_of(content)) {
  if (const auto value = value_of(content)) {
    auto& payload = next(RD_KAFKA_VTYPE_VALUE);
    payload.u.mem.ptr = const_cast<char*>(value->data());
    payload.u.mem.size = value->size();
  }
  if (content.key) {
    auto& key = next(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = const_cast<char*>(content.key->data());
    key.u.mem.size = content.key->size();
  }
  if (owned_by == bytes::copied)
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

error_handle outgoing_record::produce(rd_kafka_t* client, instant until) {
  for (;;) {
    auto failed = produce(client);
    if (!failed || rd_kafka_error_code(failed.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL || steady_now() >= until)
      return failed;
    rd_kafka_poll(client, queue_full_pause_ms);
  }
}

} // namespace troupe::kafka
