#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::embedded {

/// A stream keeps its messages for every consumer group until its retention ends; a queue keeps each until it is settled.
enum class destination_kind : std::uint8_t { stream, queue };

/// Whether retention may remove what a consumer group has not read.
enum class unread : std::uint8_t { keep, discard };

constexpr auto words_of(unread) {
  return settings::words<unread>({{"keep", unread::keep}, {"drop", unread::discard}});
}

/// How long a stream's messages stay. Without an age and a size they stay for ever.
struct retention {
  std::optional<std::chrono::nanoseconds> age;
  std::optional<std::int64_t> bytes; ///< per partition; keys, headers and payloads count
  unread unread_messages = unread::keep;
  duration every = std::chrono::minutes{1};
  std::uint32_t step = 500; ///< messages of a partition removed in one write
};

template <class Visitor, settings::self_of<retention> Self>
void describe(Visitor& v, Self& keep) {
  v.value("every", keep.every, settings::any_wait, "a stream is cut no finer than that, and an idle one costs nothing");
  v.value("step", keep.step, settings::between<std::uint32_t>{1, 100'000}, "other writes do not wait for it");
}

struct destination {
  std::string name;
  destination_kind kind = destination_kind::stream;
  std::int32_t partitions = 1; ///< of a stream; a queue has one
  retention keep;              ///< of a stream
  std::size_t largest_message = std::size_t{16} << 20U;
  std::size_t in_flight = 100'000;                      ///< of one publisher; beyond: `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U; ///< the same in bytes
};

template <class Visitor, settings::self_of<destination> Self>
void describe(Visitor& v, Self& to) {
  constexpr auto gibibyte = std::uint64_t{1} << 30U;
  v.section("keep", to.keep);
  v.value("largest-message", to.largest_message, settings::in_bytes{1, gibibyte}, "as a document's: it can be stored");
  v.value("in-flight", to.in_flight, settings::between<std::size_t>{1, 10'000'000}, "as with Kafka");
  v.value("in-flight-bytes", to.in_flight_bytes, settings::in_bytes{1024, 16 * gibibyte},
          "as much as the database lets wait");
}

/// One consumer's interest in a destination.
struct subscription {
  destination from;
  std::string group;         ///< of a stream: the subscriptions of a group share offsets. Empty for a queue
  std::uint32_t batch = 100; ///< deliveries in one request to the handler
  std::uint32_t batches_in_flight = 2;
  std::size_t read_ahead_bytes = std::size_t{8} << 20U;
  policies::redelivery_config redelivery;
  duration answer_within = std::chrono::seconds{135}; ///< for one request to the handler
};

template <class Visitor, settings::self_of<subscription> Self>
void describe(Visitor& v, Self& to) {
  v.value("batch", to.batch, settings::between<std::uint32_t>{1, 10'000}, "a settlement costs one sync for all of it");
  v.value("batches-in-flight", to.batches_in_flight, settings::between<std::uint32_t>{1, 1'000'000},
          "one is handled while the other one is on its way");
  v.value("read-ahead", to.read_ahead_bytes, settings::in_bytes{1, std::uint64_t{1} << 30U},
          "a read costs a fraction of its messages");
  v.value("answer-within", to.answer_within,
          settings::between<duration>{std::chrono::milliseconds{1}, std::chrono::hours{24 * 365}},
          "four attempts of 30 s, the pauses between them, and a margin");
}

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const destination& config);
std::vector<std::string> validate(const subscription& config);

} // namespace troupe::embedded
