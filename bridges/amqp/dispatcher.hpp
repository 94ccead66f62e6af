#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/bridges/amqp/dialer.hpp>
#include <troupe/bridges/amqp/inbox.hpp>
#include <troupe/bridges/amqp/parcel.hpp>
#include <troupe/bridges/amqp/preparing.hpp>
#include <troupe/bridges/amqp/size_refusal.hpp>

namespace troupe::amqp {

/// What a dispatcher's thread and its actor share. Neither keeps the other alive by it.
struct dispatcher_link {
  explicit dispatcher_link(std::function<void()> wake_actor) : wake_owner(std::move(wake_actor)) {}

  inbox<flight_ptr> orders;
  inbox<flight_ptr> reports; ///< landed
  waker bell;                ///< of the thread
  lifeline line;
  std::atomic<bool> abandoned = false;
  const std::function<void()> wake_owner;

  void order(flight_ptr what) {
    if (orders.put(std::move(what)) == wake::needed)
      bell.nudge();
  }

  void report(flight_ptr what) {
    if (reports.put(std::move(what)) == wake::needed)
      wake_owner();
  }

  void abandon() {
    abandoned = true;
    line.cut();
    bell.nudge();
  }
};

/// What a dispatcher publishes to, and how.
struct dispatching {
  std::string exchange;
  std::string routing_key;
  std::vector<queue> queues; ///< to be there
  declaring how = declaring::declare;
  std::size_t window = 500;
  publication as = publication::onward;
};

/// Publishes, on a thread of its own from `run` on: the only place where its session is touched. It ends when it is
/// abandoned.
class dispatcher {
public:
  dispatcher(const spawn_context& context, connection to, dispatching what, std::shared_ptr<dispatcher_link> link);
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;
  ~dispatcher();

  void run() noexcept;

private:
  struct ticket {
    flight_ptr of;
    std::size_t index = 0;
  };

  void connect();
  void take_orders();
  void listen();
  void send();
  void send_burst();
  [[nodiscard]] expected<void> send(const ticket& what);
  [[nodiscard]] std::optional<failure> too_large(const message& what) const;
  void happened(const confirm& what);
  void happened(const returned_message& what);
  void happened(const publishing_blocked& what);
  void happened(const publishing_unblocked& what);
  template <class Other>
  void happened(const Other& /*what*/) {} // of consumers
  [[nodiscard]] bool may_send() const noexcept;
  void refused_at_first(const ticket& what, const failure& why);
  void lost(const failure& why);
  void settle(const ticket& what, failure outcome);
  void give_up_late_ones();
  void rest();

  const dispatching what_;
  std::shared_ptr<dispatcher_link> link_;
  link_watch watch_;
  dialer dialer_;
  std::optional<session> session_;
  bool blocked_ = false;
  /// Whether a message of this session was taken. Until then they go one at a time: a quorum queue that has no leader yet
  /// refuses the first ones, and those behind them would overtake them.
  bool proven_ = false;
  policies::backoff refusals_{policies::reconnect_backoff};
  instant not_before_{};                ///< nothing is sent
  std::optional<size_refusal> largest_; ///< what the broker said last of too large a message
  instant largest_until_{};             ///< the operator may have changed it then
  std::deque<ticket> waiting_;          ///< to be sent
  confirm_window<ticket> sent_;
  std::multiset<std::pair<instant, flight_ptr>> by_limit_; ///< every flight that has not landed
};

} // namespace troupe::amqp
