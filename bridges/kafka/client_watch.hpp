#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/actors/runtime/link_watch.hpp>
#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/statistics.hpp>

namespace troupe::kafka {

/// Turns a client's errors, statistics and log lines into log lines, metrics and the link's state. Everything but `log` runs
/// on the thread that polls the client.
class client_watch : public client_listener {
public:
  /// `topic` and `group` are the labels of the client's metrics; `group` is empty for a producer.
  client_watch(const spawn_context& context, link_state_ptr state, std::string topic, std::string group);

  void error(rd_kafka_resp_err_t code, std::string_view words) noexcept override;
  void statistics(std::string_view json) noexcept override;
  void log(int syslog_level, std::string_view facility, std::string_view words) noexcept override;

  /// The work fails over a link that works (no such topic, not allowed), or succeeds again. Each change is logged once.
  void work_fails(const failure& why, source_location where = source_location::current());
  void work_succeeds();
  /// The brokers cannot be reached, or can again.
  void link_fails(const failure& why, source_location where = source_location::current());
  void link_works();
  /// Why the brokers cannot be reached.
  [[nodiscard]] std::optional<failure> link_trouble() const { return link_.link_trouble(); }
  /// Whether the brokers have refused the credentials since they could last be reached.
  [[nodiscard]] bool credentials_refused() const noexcept { return credentials_refused_; }

  void say(severity level, std::string_view text, source_location where = source_location::current()) const;

  /// Why the client cannot be used any more, if it cannot: its actor must be restarted.
  [[nodiscard]] const std::optional<failure>& fatal() const noexcept { return fatal_; }
  void cannot_go_on(failure why) { fatal_ = std::move(why); }

protected:
  /// Updates the metrics from a client's statistics, and returns them; empty ones where they cannot be read.
  client_statistics read_statistics(std::string_view json);

private:
  void connection_broke(std::string_view words);
  void forget_old_trouble();

  observer_ptr watcher_;
  link_watch link_;
  const std::string topic_;
  const std::string group_;
  gauge& brokers_up_;
  gauge& latency_p50_;
  gauge& latency_p99_;
  gauge& rebalances_;
  std::string broken_;   ///< the latest broken connection and its reason, since brokers could be reached
  std::string all_down_; ///< how many brokers cannot be reached, where none can
  instant work_failed_at_{};
  std::optional<failure> fatal_;
  bool credentials_refused_ = false;
};

} // namespace troupe::kafka
