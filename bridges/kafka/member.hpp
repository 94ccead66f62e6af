#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/kafka/group_assignment.hpp>
#include <troupe/bridges/kafka/member_state.hpp>
#include <troupe/bridges/kafka/offset_settlement.hpp>
#include <troupe/bridges/kafka/record_reader.hpp>
#include <troupe/bridges/kafka/transactional_settlement.hpp>

namespace troupe::kafka {

/// A member of a consumer group, which runs on a thread of its own: the only code that uses its client. `run` returns when
/// the member is drained or abandoned, or when its client cannot go on.
class member final : public client_watch {
public:
  member(const spawn_context& context, connection to, subscription config, std::shared_ptr<member_link> link);
  ~member() override;

  void run() noexcept;
  void statistics(std::string_view json) noexcept override;

private:
  [[nodiscard]] bool connect();
  [[nodiscard]] expected<client_handle> new_client(const access& where);
  void begin();
  void begin_anew(std::string_view because);
  void close();
  void await_assignment();
  [[nodiscard]] bool drained() const noexcept;

  void work_on();
  void renew_credentials();
  void act();
  void rest();

  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions,
                           void* opaque) noexcept;

  member_state state_;
  offset_settlement offsets_{state_};
  std::optional<transactional_settlement> transactions_; ///< instead, where the subscription has them
  settlement& settlement_;
  group_assignment assignment_;
  record_reader reader_{state_};
  stall_watch stalls_;
};

} // namespace troupe::kafka
