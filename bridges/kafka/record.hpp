#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// A view of a consumed message for the codec. Valid as long as the message.
record_view view_of(const rd_kafka_message_t& consumed);

/// A message to be handed to a producer. The message, the topic and the opaque must outlive it.
class outgoing_record {
public:
  /// Who owns the bytes of key and payload until the delivery report.
  enum class bytes : std::uint8_t { callers, copied };

  outgoing_record(const message& content, bytes owned_by);

  outgoing_record& to(rd_kafka_topic_t* topic);
  outgoing_record& to(const std::string& topic);
  outgoing_record& in(std::int32_t partition); ///< without it the partitioner decides
  outgoing_record& with(void* opaque);

  /// Hands the record over. After a failure it may be handed over again.
  [[nodiscard]] error_handle produce(rd_kafka_t* client);
  /// The same, and waits for room in a client whose queue is full. Polls the client meanwhile.
  [[nodiscard]] error_handle produce(rd_kafka_t* client, instant until);

private:
  rd_kafka_vu_t& next(rd_kafka_vtype_t type);

  std::array<rd_kafka_vu_t, 7> parts_{};
  std::size_t used_ = 0;
  headers_handle headers_;
};

} // namespace troupe::kafka
