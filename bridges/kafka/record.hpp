#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/handles.hpp>

namespace troupe::kafka {

/// A consumed message as our codec sees it. Valid as long as the message.
record_view view_of(const rd_kafka_message_t& what);

/// A message on its way into a producer. What it is made of must outlive it.
class outgoing_record {
public:
  /// Whose the bytes of key and payload are until the delivery report.
  enum class bytes : std::uint8_t { callers, copied };

  outgoing_record(const message& what, bytes whose);

  outgoing_record& to(rd_kafka_topic_t* topic);
  outgoing_record& to(const std::string& topic);
  outgoing_record& in(std::int32_t partition); ///< else the partitioner decides
  outgoing_record& with(void* opaque);

  /// Hands it over. After a failure it may be handed over again.
  [[nodiscard]] error_handle produce(rd_kafka_t* client);

private:
  rd_kafka_vu_t& next(rd_kafka_vtype_t type);

  std::array<rd_kafka_vu_t, 7> parts_{};
  std::size_t used_ = 0;
  headers_handle headers_;
};

} // namespace troupe::kafka
