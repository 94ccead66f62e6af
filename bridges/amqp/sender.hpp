#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/bridges/amqp/dialer.hpp>
#include <troupe/bridges/amqp/preparing.hpp>
#include <troupe/bridges/amqp/size_refusal.hpp>
#include <troupe/bridges/amqp/waker.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>

namespace troupe::amqp {

using sender_link = waker_link<outbound::sender_link>;

/// What a sender publishes to, and how.
struct sending {
  std::string exchange;
  std::string routing_key;
  std::vector<queue> queues; ///< to be there
  declaring how = declaring::declare;
  std::size_t window = 500;
  publication as = publication::onward;
};

/// Publishes, on a thread of its own from `run` on: the only place where its session is touched. It ends when it is
/// abandoned.
class sender {
public:
  sender(const spawn_context& context, connection to, sending what, std::shared_ptr<sender_link> link);
  sender(const sender&) = delete;
  sender& operator=(const sender&) = delete;
  ~sender();

  void run() noexcept;

private:
  struct ticket {
    outbound::publish_request_ptr of;
    std::size_t index = 0;

    [[nodiscard]] const message& content() const { return of->messages()[index]; }
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
  [[nodiscard]] bool confirms_nothing() const noexcept;
  void rest();

  const sending what_;
  std::shared_ptr<sender_link> link_;
  link_watch watch_;
  dialer dialer_;
  std::optional<session> session_;
  bool blocked_ = false;
  instant progress_at_{}; ///< of the last confirm, or of the first message behind it
  /// Whether a message of this session was taken. Until then they go one at a time: a quorum queue that has no leader yet
  /// refuses the first ones, and those behind them would overtake them.
  bool proven_ = false;
  policies::backoff refusals_{policies::reconnect_backoff};
  instant not_before_{};                ///< nothing is sent
  std::optional<size_refusal> largest_; ///< what the broker said last of too large a message
  instant largest_until_{};             ///< the operator may have changed it then
  std::deque<ticket> waiting_;          ///< to be sent
  confirm_window<ticket> sent_;
  std::multiset<std::pair<instant, outbound::publish_request_ptr>> by_limit_; ///< all that are not complete
};

} // namespace troupe::amqp
