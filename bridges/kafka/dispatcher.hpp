#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <troupe/bridges/kafka/client_watch.hpp>
#include <troupe/bridges/kafka/flights.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/inbox.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::kafka {

/// The producer has ended by itself.
struct dispatcher_failed {
  failure why;
};

using dispatcher_report = std::variant<flight_ptr, dispatcher_failed>;

/// What a dispatcher's thread and its actor share. Neither keeps the other alive by it.
struct dispatcher_link {
  explicit dispatcher_link(std::function<void()> wake_actor) : wake_owner(std::move(wake_actor)) {}

  inbox<flight_ptr> orders;
  inbox<dispatcher_report> reports;
  std::atomic<bool> abandoned = false;
  const std::function<void()> wake_owner;

  void report(dispatcher_report what) {
    if (reports.put(std::move(what)) == wake::needed)
      wake_owner();
  }

  void abandon() {
    abandoned = true;
    orders.nudge();
  }
};

/// A producer of one topic, on a thread of its own from `run` on: the only place where its client is touched. It ends when
/// it is abandoned or its client cannot go on.
class dispatcher final : public client_watch {
public:
  dispatcher(const spawn_context& context, connection to, publisher_config config, std::shared_ptr<dispatcher_link> link);
  ~dispatcher() override;

  void run() noexcept;

private:
  [[nodiscard]] bool may_go_on() const noexcept { return !link_->abandoned && !fatal(); }
  [[nodiscard]] bool connect();
  [[nodiscard]] expected<client_handle> new_client(const access& where);
  void begin();
  void begin_anew();
  void wait_for_access(const failure& why);
  void send_all();
  void send(flight& what);
  [[nodiscard]] rd_kafka_resp_err_t send(const message& what, flight::slot& as);
  void land(flight& what);

  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) noexcept;
  void reported(const rd_kafka_message_t& what);
  [[nodiscard]] failure refused(rd_kafka_resp_err_t code, failure outcome);

  const connection to_;
  const publisher_config config_;
  std::shared_ptr<dispatcher_link> link_;
  std::map<std::uint64_t, flight_ptr> in_the_air_; ///< outlives the client, which holds addresses of slots
  client_handle client_;
  topic_handle topic_;
  queue_handle events_;
  std::optional<credentials> login_;
  policies::backoff access_backoff_{policies::reconnect_backoff};
};

} // namespace troupe::kafka
