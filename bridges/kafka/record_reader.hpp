#pragma once

#include <cstddef>
#include <cstdint>

#include <troupe/bridges/kafka/member_state.hpp>

namespace troupe::kafka {

/// Reads records of the assigned partitions into the member's work, and steers what the client fetches.
class record_reader {
public:
  /// `shared` must outlive it.
  explicit record_reader(member_state& shared) : member_(shared) {}

  /// Each returns whether anything has come.
  bool poll_events();
  bool poll_messages();

  void pause_and_resume();
  /// Seeks back, in partitions whose leader was a stale one, and to the beginning of logs that have begun anew.
  void seek_back();
  /// Updates the ends of logs and the lags.
  void take(const client_statistics& found);

private:
  void take(const rd_kafka_message_t& record, instant now);
  bool take_retry(std::int32_t partition, std::int64_t offset, message content, instant now);
  void take_error(const rd_kafka_message_t& event);
  void look_for_removed(std::int32_t partition, std::int64_t offset);
  void repeat_end(std::int32_t partition);
  void wake_fetchers();

  member_state& member_;
  std::int64_t taken_ = 0; ///< records since the fetchers were woken
  std::size_t turn_ = 0;   ///< the partition whose turn it is
};

} // namespace troupe::kafka
