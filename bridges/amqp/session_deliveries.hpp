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

/// One unsettled delivery.
struct item {
  message content;
  std::uint32_t delivery_count = 0;       ///< of earlier deliveries, as the broker reported it
  std::optional<timestamp> first_failure; ///< if it failed before this session
  std::string known_by;                   ///< the name under which it arrived
  std::optional<instant> due;             ///< the end of its present or latest delay
};

/// The unsettled deliveries of one session, by delivery tag.
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
  std::unordered_set<std::int64_t> refused_ones; ///< their dead letters are permanently refused
  ack_batch acks;
};

/// The name by which a message is recognised in another session: its id or, without one, its bytes.
std::string known_by(const message& content);

/// The same for an unsettled delivery.
policies::earlier_lives::name name_of(const item& held);

} // namespace troupe::amqp
