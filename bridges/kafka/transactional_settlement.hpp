#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/member_state.hpp>
#include <troupe/bridges/kafka/settlement.hpp>
#include <troupe/bridges/kafka/transactional_work.hpp>
#include <troupe/bridges/kafka/transactor.hpp>

namespace troupe::kafka {

/// Settles by transactions, one at a time, on the member's own thread. Every commit of the group is a transaction, so that
/// none overtakes another.
class transactional_settlement final : public settlement {
public:
  /// Also makes the work of `shared`, which must outlive it.
  transactional_settlement(member_state& shared, std::string service);

  /// Makes the producer of a client that is new, and waits until the brokers have accepted it. False when the member is to
  /// end.
  [[nodiscard]] bool open();
  /// With the client.
  void close();
  /// Whether the producer cannot commit any more, and another client is needed.
  [[nodiscard]] bool forgotten() const noexcept { return transactor_ && transactor_->forgotten(); }
  /// Serves the producer's callbacks, and renews its credentials and the consumer's.
  void serve();

  /// Also settles the replies that have come.
  void publish() override;
  void commit(const std::vector<commit_entry>& entries) override;
  void commit_last(const std::vector<commit_entry>& entries) override;
  void given_up(std::int32_t partition) override { to_regain_.erase(partition); }

  /// Reads the partitions of a transaction that was undone again, from the group's committed offsets, when it is time.
  void regain();
  [[nodiscard]] std::optional<instant> regain_due() const noexcept { return member_.drain_by ? std::nullopt : regain_at_; }

private:
  void settle(transaction& made);
  bool carry_out(const std::vector<transaction_record>& records, const std::vector<commit_entry>& entries);
  void regain(std::int32_t partition);

  member_state& member_;
  transactional_work& work_;
  connection producer_to_;
  std::optional<transactor> transactor_;
  std::set<std::int32_t> to_regain_; ///< owned partitions whose positions are unknown since a transaction was undone
  std::optional<instant> regain_at_;
  policies::backoff regain_backoff_{policies::reconnect_backoff};
  policies::backoff open_backoff_{policies::reconnect_backoff};
};

} // namespace troupe::kafka
