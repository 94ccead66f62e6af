#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/actors/runtime/link_watch.hpp>
#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/statistics.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::kafka {

/// Turns what a client says beside its answers into log lines, metrics and the link's state. Everything but `log` on the
/// thread that polls the client.
class client_watch : public client_listener {
public:
  /// `labels` are those of the client's own metrics; `group` is empty for a producer.
  client_watch(const spawn_context& context, link_state_ptr state, std::string topic, std::string group);

  void error(rd_kafka_resp_err_t code, std::string_view words) noexcept override;
  void statistics(std::string_view json) noexcept override;
  void log(int syslog_level, std::string_view facility, std::string_view words) noexcept override;

  /// The work itself does not go on (no such topic, not allowed), or does again. Each change is logged once.
  void work_fails(const failure& why, source_location where = source_location::current());
  void work_succeeds();
  /// The brokers cannot be reached, or can again.
  void link_fails(const failure& why, source_location where = source_location::current());
  void link_works();

  void say(severity level, std::string_view text, source_location where = source_location::current()) const;

  /// Why the client can be used no more, if it cannot: it wants a new one.
  [[nodiscard]] const std::optional<failure>& fatal() const noexcept { return fatal_; }

  void cannot_go_on(failure why) { fatal_ = std::move(why); }

protected:
  /// Shows what the client tells of itself, and returns it; nothing that cannot be read.
  client_statistics read_statistics(std::string_view json);

  static constexpr std::string_view files_are_other = "the files of TLS have changed, and are read anew";

  /// Remembers the files that the client is about to read, which it does once.
  void files_are_read(const connection& to);

  /// Whether TLS keeps the brokers out of reach, and those files are others since, and nobody is still writing them. Another
  /// client would read them anew.
  [[nodiscard]] bool files_have_changed(const connection& to);

  /// That client, and where it is; nothing, and it is told why, when it cannot be made.
  struct successor {
    access where;
    client_handle client;
  };
  [[nodiscard]] std::optional<successor> next_client(const connection& to,
                                                     const std::function<expected<client_handle>(const access&)>& make);

  /// After credentials were refused: asks for them anew until a broker can be reached, as often as a backoff allows. A
  /// password that was rotated is taken up where the client is: its connections try again with it at once.
  void renew_credentials(std::initializer_list<rd_kafka_t*> clients, const connection& to,
                         std::optional<credentials>& login);

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
  std::string broken_;   ///< the latest connection, and why, since brokers could be reached
  std::string all_down_; ///< how many of them cannot be, where none can
  instant work_failed_at_{};
  std::optional<failure> fatal_;
  policies::backoff renewal_backoff_{policies::reconnect_backoff};
  std::optional<instant> no_renewal_before_;
  std::size_t files_ = 0; ///< a print of what was read
  std::size_t seen_files_ = 0;
  instant next_look_{};
  bool refused_ = false;
};

} // namespace troupe::kafka
