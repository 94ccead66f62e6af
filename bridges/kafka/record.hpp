#pragma once

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/handles.hpp>

namespace troupe::kafka {

/// A consumed message as our codec sees it. Valid as long as the message.
record_view view_of(const rd_kafka_message_t& what);

/// The headers of a message as librdkafka takes them; null where there are none.
headers_handle headers_of(const message& what);

} // namespace troupe::kafka
