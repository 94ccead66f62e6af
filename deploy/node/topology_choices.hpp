#pragma once

#include <cstdint>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe {

constexpr auto words_of(document_form) {
  return settings::words<document_form>({{"http", document_form::http}, {"grpc", document_form::grpc}});
}

} // namespace troupe

namespace troupe::node {

/// What carries a stream or a queue.
enum class transport : std::uint8_t { embedded, kafka, amqp };

/// Whose ways a topic or a queue follows where they differ.
enum class compatibility : std::uint8_t {
  troupe,    ///< as Kafka's Java client places messages, and partitions move one by one; a quorum queue
  reference, ///< as the reference platform's client does both; its classic queue, which is gone with its broker
};

/// What a member of a consumer group is to it after a restart.
enum class membership : std::uint8_t {
  dynamic, ///< a new member each time
  fixed,   ///< the same one, by the name of its host: a restart within the session moves no partition
};

/// Where a message waits for a delayed retry.
enum class retry_place : std::uint8_t {
  assignment, ///< with its consumer; what comes later under its key waits behind it
  topic,      ///< in a Kafka topic of its own, while its key goes on
};

/// What keeps documents.
enum class store_kind : std::uint8_t { sqlite, mongodb };

/// Among whose services those of the topology may stand.
enum class reference_family : std::uint8_t { none, http, grpc };

/// Where gRPC may be served without TLS.
enum class plaintext : std::uint8_t { loopback, anywhere };

/// Whether a greeting tells the machine it was made on.
enum class hostname_telling : std::uint8_t { untold, told };

/// Whose greeting a greeter stores.
enum class kept_greeting : std::uint8_t { own, callers };

/// What a consumer stores of a delivery.
enum class stored_form : std::uint8_t {
  greeting, ///< the greeting that the payload is; anything else is a dead letter
  text,     ///< the payload as it is
};

constexpr auto words_of(transport) {
  return settings::words<transport>(
    {{"embedded", transport::embedded}, {"kafka", transport::kafka}, {"amqp", transport::amqp}});
}

constexpr auto words_of(compatibility) {
  return settings::words<compatibility>({{"troupe", compatibility::troupe}, {"reference", compatibility::reference}});
}

constexpr auto words_of(membership) {
  return settings::words<membership>({{"dynamic", membership::dynamic}, {"static", membership::fixed}});
}

constexpr auto words_of(retry_place) {
  return settings::words<retry_place>({{"assignment", retry_place::assignment}, {"topic", retry_place::topic}});
}

constexpr auto words_of(store_kind) {
  return settings::words<store_kind>({{"sqlite", store_kind::sqlite}, {"mongodb", store_kind::mongodb}});
}

constexpr auto words_of(reference_family) {
  return settings::words<reference_family>(
    {{"none", reference_family::none}, {"http", reference_family::http}, {"grpc", reference_family::grpc}});
}

constexpr auto words_of(plaintext) {
  return settings::words<plaintext>({{"loopback", plaintext::loopback}, {"anywhere", plaintext::anywhere}});
}

constexpr auto words_of(hostname_telling) {
  return settings::words<hostname_telling>({{"false", hostname_telling::untold}, {"true", hostname_telling::told}});
}

constexpr auto words_of(kept_greeting) {
  return settings::words<kept_greeting>({{"own", kept_greeting::own}, {"callers", kept_greeting::callers}});
}

constexpr auto words_of(stored_form) {
  return settings::words<stored_form>({{"greeting", stored_form::greeting}, {"text", stored_form::text}});
}

} // namespace troupe::node
