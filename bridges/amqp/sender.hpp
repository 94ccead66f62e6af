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
#include <troupe/bridges/amqp/size_limit.hpp>
#include <troupe/bridges/amqp/waker.hpp>

namespace troupe::amqp {

/// The destination of a sender, and how it publishes.
struct sender_config {
  std::string exchange;
  std::string routing_key;
  std::vector<queue> queues; ///< that must exist
  declaring how = declaring::declare;
  std::size_t window = 500;
  publication as = publication::onward;
};

/// Publishes. `run` is a thread of its own, and only that thread uses the session. It ends when the sender is abandoned.
class sender {
public:
  sender(const spawn_context& context, connection to, sender_config config, std::shared_ptr<sender_link> link);
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
  [[nodiscard]] expected<void> send(const ticket& one);
  void happened(const confirm& confirmed);
  void happened(const returned_message& returned);
  void happened(const publishing_blocked& blocked);
  void happened(const publishing_unblocked& unblocked);
  template <class Other>
  void happened(const Other& /*of_consumers*/) {}
  [[nodiscard]] bool may_send() const noexcept;
  void refused_at_first(const ticket& one, const failure& why);
  void lost(const failure& why);
  void settle(const ticket& one, failure outcome);
  void give_up_late_ones();
  [[nodiscard]] bool confirms_nothing() const noexcept;
  void rest();

  const sender_config config_;
  std::shared_ptr<sender_link> link_;
  link_watch watch_;
  dialer dialer_;
  std::optional<session> session_;
  bool blocked_ = false;
  instant progress_at_{}; ///< of the latest confirm, or of the first message after it
  /// Whether a message of this session was accepted. Until then they are sent one at a time: a quorum queue without a leader
  /// refuses the first ones, and later ones would overtake them.
  bool proven_ = false;
  policies::backoff refusals_{policies::reconnect_backoff};
  instant not_before_{}; ///< nothing is sent before
  size_limit largest_;
  std::deque<ticket> waiting_; ///< to be sent
  confirm_window<ticket> sent_;
  std::multiset<std::pair<instant, outbound::publish_request_ptr>> by_limit_; ///< all incomplete requests
};

} // namespace troupe::amqp
