#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::kafka {

/// Owns a configuration until a client is made of it: `rd_kafka_new` takes it over, but only when it succeeds.
using conf_handle = c_ptr<rd_kafka_conf_t, rd_kafka_conf_destroy>;

/// Owns an error object.
using error_handle = c_ptr<rd_kafka_error_t, rd_kafka_error_destroy>;

/// Owns a list of partitions.
using partitions_handle = c_ptr<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

/// Owns a reference to a queue. All of a client's must go before the client does.
using queue_handle = c_ptr<rd_kafka_queue_t, rd_kafka_queue_destroy>;

/// Owns a consumed message.
using message_handle = c_ptr<rd_kafka_message_t, rd_kafka_message_destroy>;

/// Owns the headers of a message to be produced, until the produce call takes them over, which it does when it succeeds.
using headers_handle = c_ptr<rd_kafka_headers_t, rd_kafka_headers_destroy>;

/// Owns a reference to a topic.
using topic_handle = c_ptr<rd_kafka_topic_t, rd_kafka_topic_destroy>;

/// Owns what a client was told of brokers and topics.
struct metadata_deleter {
  void operator()(const struct rd_kafka_metadata* what) const noexcept { rd_kafka_metadata_destroy(what); }
};
using metadata_handle = std::unique_ptr<const struct rd_kafka_metadata, metadata_deleter>;

/// Owns a client. It is not closed on the way: a consumer says good-bye to its group before.
struct client_deleter {
  void operator()(rd_kafka_t* client) const noexcept {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
using client_handle = std::unique_ptr<rd_kafka_t, client_deleter>;

} // namespace troupe::kafka
