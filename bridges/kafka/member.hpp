#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/kafka/client_watch.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/member_link.hpp>
#include <troupe/bridges/kafka/subscription_work.hpp>
#include <troupe/bridges/kafka/transactor.hpp>

namespace troupe::kafka {

/// A member of a consumer group, on a thread of its own from `run` on: the only place where a consumer's client is touched.
/// It ends when it is drained, abandoned, or its client cannot go on.
class member final : public client_watch {
public:
  member(const spawn_context& context, connection to, subscription config, std::shared_ptr<member_link> link);
  ~member() override;

  void run() noexcept;
  void statistics(std::string_view json) noexcept override;

private:
  enum class farewell : std::uint8_t { orderly, abrupt };

  // Connecting.
  [[nodiscard]] bool connect();
  [[nodiscard]] expected<client_handle> new_client(const access& where);
  void begin();
  void begin_anew(std::string_view because);
  void close();
  void await_assignment();
  [[nodiscard]] bool may_go_on() const noexcept { return !link_->abandoned() && !fatal(); }
  [[nodiscard]] bool drained() const noexcept;

  // Polling.
  void work_on();
  void take_orders();
  void happened(inbound::batch_outcome& what);
  void happened(inbound::publish_outcome& what);
  void happened(inbound::begin_drain& what);
  bool poll_events();
  bool poll_messages();
  void wake_fetchers();
  void take(const rd_kafka_message_t& record, instant at);
  void look_for_removed(std::int32_t partition, std::int64_t offset);
  bool take_retry(std::int32_t partition, std::int64_t offset, message content, instant at);
  void refused(const rd_kafka_message_t& what);
  void tell_end_again(std::int32_t partition);
  void act();
  void publish_letters();
  void commit(const std::vector<commit_entry>& what);
  void pause_and_resume();
  void lead_back();
  void look_for_stalls(instant at);
  void rest();

  // Transactions.
  [[nodiscard]] bool open_transactions(const access& where);
  void wait_before_the_next(instant until);
  void renew();
  void conclude(inbound::batch_outcome& what);
  void settle(const std::optional<transaction>& what);
  bool carry_out(const transaction& what);
  void regain();
  void regain(std::int32_t partition);

  // Rebalances, within the client's callback.
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                           void* opaque) noexcept;
  static void on_commit(rd_kafka_t* client, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                        void* opaque) noexcept;
  void assign(rd_kafka_topic_partition_list_t* partitions);
  [[nodiscard]] bool read_positions(rd_kafka_topic_partition_list_t* partitions);
  [[nodiscard]] static position position_of(const rd_kafka_topic_partition_t& partition);
  void take_over(rd_kafka_topic_partition_t& partition);
  void revoke(rd_kafka_topic_partition_list_t* partitions);
  void finish(instant by);
  void commit_last();
  void settle_assignment(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);

  [[nodiscard]] partitions_handle list_of(const std::vector<std::int32_t>& partitions) const;
  [[nodiscard]] partitions_handle list_of(const std::vector<commit_entry>& entries) const;

  const connection to_;
  const subscription config_;
  std::shared_ptr<member_link> link_;
  subscription_metrics metrics_;
  subscription_work work_;
  stall_watch stalls_;
  client_handle client_;
  std::optional<transactor> transactor_; ///< where settlements are transactions
  std::set<std::int32_t> to_regain_;     ///< still ours, and nothing of it is known since its transaction was undone
  std::optional<instant> regain_at_;
  policies::backoff regain_backoff_{policies::reconnect_backoff};
  queue_handle events_;    ///< of the client: rebalances, commits, errors
  queue_handle messages_;  ///< where every partition's messages are led, so that events are served while no more are wanted
  std::int64_t taken_ = 0; ///< since those who fetch were woken
  std::size_t turn_ = 0;   ///< whose turn it is to be
  std::optional<credentials> login_;
  policies::backoff access_backoff_{policies::reconnect_backoff};
  std::optional<instant> drain_by_;
  instant letters_told_until_{};
  bool assigned_ = false;        ///< this client has had an assignment, be it an empty one
  std::uint64_t unfinished_ = 0; ///< when the work ended
  farewell how_ = farewell::abrupt;
};

} // namespace troupe::kafka
