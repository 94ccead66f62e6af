#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/inbound/partition.hpp>
#include <troupe/policies/offset_map.hpp>

namespace troupe::amqp {

/// One delivery in hand.
struct item {
  message content;
  std::uint32_t delivery_count = 0;       ///< before it came, as the broker told
  std::optional<timestamp> first_failure; ///< if it failed before it came
  std::string known_by;                   ///< the key of `earlier_lives`
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

/// What a delivery brings along of its past.
struct past_life {
  policies::attempt_count count;
  bool suspect = false; ///< it may have ended a process, without having been counted for it
  std::optional<timestamp> first_failure;
  std::optional<instant> due; ///< it waited until then for a retry
};

/// By what a message is known again in another session: its id, or where it has none, its bytes. Of several that are known
/// alike one may be taken for another, so that this tells how often they were tried, and nothing by which one could be lost.
std::string known_by(const message& what);

/// Tells the returns for which a lost connection is to blame from those that ended a process: the broker counts both. What
/// this process had in hand when it lost a session did not end it. Bounded; what is forgotten is judged by the broker's
/// count, of which the first one proves nothing: it is shared with everything that was in the same hands. A value.
class earlier_lives {
public:
  /// The session of `what` is lost, and this goes back to the queue.
  void given_back(const item& what, const policies::attempt_count& count, std::optional<timestamp> first_failure);

  /// What is known of a message that has come; `redelivered` as the broker marks it.
  [[nodiscard]] past_life recall(const std::string& known_by, const received& what, bool redelivered);

private:
  static constexpr std::size_t most_kept = 20'000;

  struct memory {
    std::uint32_t count_then = 0; ///< the broker's, if nobody else had it meanwhile
    past_life life;
  };

  std::unordered_multimap<std::string, memory> kept_;
};

} // namespace troupe::amqp
