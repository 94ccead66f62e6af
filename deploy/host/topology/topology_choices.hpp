#pragma once

#include <cstdint>

#include <troupe/messages/settings/text.hpp>

namespace troupe::host {

/// What carries a stream or a queue.
enum class transport : std::uint8_t { embedded, kafka, amqp };

constexpr auto words_of(transport) {
  return settings::words<transport>(
    {{"embedded", transport::embedded}, {"kafka", transport::kafka}, {"amqp", transport::amqp}});
}

/// Which rules a topic or a queue follows where they differ.
enum class compatibility : std::uint8_t {
  troupe,    ///< Kafka's Java client chooses partitions, which move one by one; a quorum queue
  reference, ///< the reference platform's client chooses them; its classic queue, which is lost with its broker
};

constexpr auto words_of(compatibility) {
  return settings::words<compatibility>({{"troupe", compatibility::troupe}, {"reference", compatibility::reference}});
}

/// How the code of a program writes the messages that it publishes. It reads them by the media type of each.
enum class message_encoding : std::uint8_t {
  own, ///< as the codec of their type does: of protobuf its binary form
  protobuf,
  json,
};

constexpr auto words_of(message_encoding) {
  return settings::words<message_encoding>(
    {{"own", message_encoding::own}, {"protobuf", message_encoding::protobuf}, {"json", message_encoding::json}});
}

/// What a member of a consumer group is to it after a restart.
enum class membership : std::uint8_t {
  dynamic, ///< a new member each time
  fixed,   ///< the same one, by the name of its host: a restart within the session moves no partition
};

constexpr auto words_of(membership) {
  return settings::words<membership>({{"dynamic", membership::dynamic}, {"static", membership::fixed}});
}

/// Where a message waits for a delayed retry.
enum class retry_location : std::uint8_t {
  assignment, ///< with its consumer; later messages of its key wait behind it
  topic,      ///< in a Kafka topic of its own, while its key goes on
};

constexpr auto words_of(retry_location) {
  return settings::words<retry_location>({{"assignment", retry_location::assignment}, {"topic", retry_location::topic}});
}

/// What keeps documents.
enum class store_kind : std::uint8_t { sqlite, mongodb };

constexpr auto words_of(store_kind) {
  return settings::words<store_kind>({{"sqlite", store_kind::sqlite}, {"mongodb", store_kind::mongodb}});
}

/// Whether spans are made at all.
enum class tracing : std::uint8_t { on, off };

constexpr auto words_of(tracing) {
  return settings::words<tracing>({{"on", tracing::on}, {"off", tracing::off}});
}

/// Whether the administration may have things fail on purpose.
enum class fault_permission : std::uint8_t { allowed, refused };

constexpr auto words_of(fault_permission) {
  return settings::words<fault_permission>({{"allowed", fault_permission::allowed}, {"refused", fault_permission::refused}});
}

/// Where gRPC may be served without TLS.
enum class plaintext : std::uint8_t { loopback, anywhere };

constexpr auto words_of(plaintext) {
  return settings::words<plaintext>({{"loopback", plaintext::loopback}, {"anywhere", plaintext::anywhere}});
}

} // namespace troupe::host
