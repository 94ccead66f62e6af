#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <troupe/bridges/kafka/subscription_work.hpp>

namespace troupe::kafka {

/// A result of a delivery, to be published to the topic of results.
struct transformed {
  origin from;
  message content;
};

/// Results, dead letters and offsets that become visible together, or not at all.
struct transaction {
  std::vector<transformed> results;
  std::vector<dead_letter> letters;
  std::vector<commit_entry> offsets;
};

/// Decides what a member settles in transactions, in place of `answered` and `next_letters`: results, dead letters and
/// offsets together.
///
/// Of each partition a transaction settles the deliveries from the first unsettled one on that are done or set aside. One
/// behind a delivery that is neither is handed out again: its results would become visible before its offset could.
class transactional_work final : public subscription_work {
public:
  using subscription_work::subscription_work;

  /// The transaction to be carried out now, if any, after the replies to a batch, and of dead letters that are due. Then
  /// call `committed`. Its deliveries count as settled here already: after a failure its partitions must be given up, and
  /// gained again from the committed offsets.
  std::optional<transaction> concluded(std::uint64_t number, replies answer, instant now, timestamp civil_now);
  std::optional<transaction> next_burial(instant now, timestamp civil_now);
  /// The brokers will never accept a result of this delivery: it is set aside when it is handed out again.
  void condemn(const origin& which, failure why);

private:
  [[nodiscard]] bool is_first(const delivery_position& which) const noexcept;
  [[nodiscard]] reply effective(const delivery_position& of, reply answer);
  void bury(const delivery_position& which, instant now, timestamp civil_now, transaction& into);
  [[nodiscard]] std::optional<transaction> with_offsets(transaction made, const std::set<std::int32_t>& settled);
  void forget_before(std::int32_t partition, std::int64_t offset) override;

  /// By partition and offset, until they are committed: a transaction that is undone makes them be handed out again.
  std::map<std::pair<std::int32_t, std::int64_t>, failure> condemned_;
};

} // namespace troupe::kafka
