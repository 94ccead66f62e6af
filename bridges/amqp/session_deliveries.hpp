#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/inbound/partition.hpp>
#include <troupe/policies/earlier_lives.hpp>
#include <troupe/policies/offset_map.hpp>

namespace troupe::amqp {

/// One delivery in hand.
struct item {
  message content;
  std::uint32_t delivery_count = 0;       ///< before it came, as the broker told
  std::optional<timestamp> first_failure; ///< if it failed before it came
  std::string known_by;                   ///< as it came
  std::optional<instant> due;             ///< when the delay is over in which it waits, or waited last
};

/// What is in hand of one session, by delivery tag.
struct session_deliveries final : inbound::partition {
  explicit session_deliveries(const subscription& config)
    : partition(policies::partition_ledger{config.redelivery, 1, policies::source_kind::queue}),
      queue(config.from.name),
      acks(config.ack_after, config.ack_every) {}

  [[nodiscard]] delivery delivery_at(std::int64_t tag) override;
  [[nodiscard]] std::optional<timestamp> failed_before(std::int64_t tag) const override;
  void settled(std::int64_t tag, instant now) override;
  void refused(std::int64_t tag) override { refused_ones.insert(tag); }

  const std::string queue;
  policies::offset_map<item> items;
  std::unordered_set<std::int64_t> refused_ones; ///< whose dead letters are not taken as they are
  ack_batch acks;
};

/// By what a message is known again in another session: its id, or where it has none, its bytes.
std::string known_by(const message& what);

/// The same of a delivery in hand.
policies::earlier_lives::name name_of(const item& what);

} // namespace troupe::amqp
