#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>

#include <troupe/bridges/kafka/client_conf.hpp>

namespace troupe::bench {

/// Topics that are measured have that many partitions, as a topology's have unless it says otherwise.
inline constexpr std::int32_t measured_partitions = 3;

/// A broker without encryption.
kafka::connection connection_to(const std::string& broker);

/// Makes a topic and the one of its dead letters.
void make_topic(const kafka::connection& at, const std::string& name);

/// How many messages of a topic a group has committed.
std::int64_t committed_in(const kafka::connection& at, const std::string& topic, const std::string& group);

/// A client of librdkafka with nothing around it, but with the same settings as ours. One thread. What ends a client of ours
/// ends the benchmark.
class raw_client : public kafka::client_listener {
public:
  void error(rd_kafka_resp_err_t code, std::string_view words) noexcept override;
  void statistics(std::string_view /*json*/) noexcept override {}
  void log(int /*syslog_level*/, std::string_view /*facility*/, std::string_view /*words*/) noexcept override {}

protected:
  [[nodiscard]] kafka::conf_handle conf_for(const kafka::connection& to, const kafka::property_list& role);
};

class raw_producer : public raw_client {
public:
  /// Has so many messages under way at most.
  raw_producer(const kafka::connection& to, const kafka::publisher_config& config, std::uint64_t in_flight);

  /// The payload must live until `finish` has returned. Waits while too many are under way.
  void send(const std::string& id, const std::string& payload);

  /// Waits until everything is acknowledged.
  void finish();

private:
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;

  const std::uint64_t in_flight_;
  std::uint64_t under_way_ = 0;
  kafka::client_handle client_;
  kafka::topic_handle topic_;
};

/// Commits as often as our member does: what is handled of each partition after so many messages and so much time. It waits
/// for each commit.
class raw_consumer : public raw_client {
public:
  using handling = std::function<void(const rd_kafka_message_t&)>;

  raw_consumer(const kafka::connection& to, const kafka::subscription& config);

  /// Handles so many messages, commits them and leaves the group.
  void consume(std::uint64_t count, const handling& handle);

  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

private:
  struct progress {
    std::int64_t handled = 0; ///< the next offset
    std::int64_t committed = 0;
  };

  std::uint64_t take(const handling& handle);
  [[nodiscard]] kafka::partitions_handle to_commit(std::int64_t at_least);
  void commit_when_due();
  void commit(std::int64_t at_least);

  const kafka::subscription config_;
  std::vector<progress> partitions_{measured_partitions};
  std::uint64_t commits_ = 0;
  instant commit_due_{};
  kafka::client_handle client_;
  kafka::queue_handle queue_;
};

} // namespace troupe::bench
