#pragma once

#include <cstdint>

#include <troupe/bridges/kafka/member_state.hpp>
#include <troupe/bridges/kafka/settlement.hpp>

namespace troupe::kafka {

/// Takes partitions over and gives them up, in the client's rebalance callback. The client's poll waits for it, while a
/// thread of the client keeps the membership alive.
class group_assignment {
public:
  /// Both must outlive it.
  group_assignment(member_state& shared, settlement& settling) : member_(shared), settlement_(settling) {}

  void rebalance(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions);

  /// Whether the present client has had an assignment, be it an empty one.
  [[nodiscard]] bool assigned() const noexcept { return assigned_; }
  void new_client() noexcept { assigned_ = false; }
  /// Commits all that is settled; from then on partitions are given up without draining them.
  void leave();

private:
  void assign(rd_kafka_topic_partition_list_t* partitions);
  void take_over(rd_kafka_topic_partition_t& partition);
  void revoke(rd_kafka_topic_partition_list_t* partitions);
  void drain(instant until);
  void go_on();
  void commit_last();
  void confirm(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions);

  member_state& member_;
  settlement& settlement_;
  bool assigned_ = false;
  bool left_ = false;
};

} // namespace troupe::kafka
