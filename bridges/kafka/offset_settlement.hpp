#pragma once

#include <troupe/bridges/kafka/member_state.hpp>
#include <troupe/bridges/kafka/settlement.hpp>

namespace troupe::kafka {

/// Settles by commits of offsets; the member's actor publishes dead letters and retries.
class offset_settlement final : public settlement {
public:
  /// `shared` must outlive it, and it must outlive the client.
  explicit offset_settlement(member_state& shared) : member_(shared) {}

  void publish() override;
  void commit(const std::vector<commit_entry>& entries) override;
  void commit_last(const std::vector<commit_entry>& entries) override;

private:
  static void on_commit(rd_kafka_t* client, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                        void* opaque) noexcept;

  member_state& member_;
};

} // namespace troupe::kafka
