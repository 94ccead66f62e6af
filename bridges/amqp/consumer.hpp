#pragma once

#include <memory>
#include <optional>
#include <string>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/amqp/dialer.hpp>
#include <troupe/bridges/amqp/subscription_work.hpp>
#include <troupe/bridges/amqp/waker.hpp>

namespace troupe::amqp {

/// A consumer of a queue. `run` is a thread of its own, and only that thread uses the session. It ends when the consumer is
/// drained or abandoned.
class consumer {
public:
  consumer(const spawn_context& context, connection to, subscription config, std::shared_ptr<consumer_link> link);
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;
  ~consumer();

  void run() noexcept;

private:
  [[nodiscard]] bool finished() const;
  void connect();
  void take_orders();
  template <class Outcome>
  void happened(const Outcome& outcome) {
    work_.ended(outcome, steady_now());
  }
  void happened(const inbound::begin_drain& request);

  void listen();
  void heard(arrival& delivered);
  void heard(nothing_there& none);
  void heard(consumer_cancelled& cancelled);
  void heard(consumer_ended& ended);
  void heard(queue_depth& depth);
  template <class Other>
  void heard(const Other& /*of_publishers*/) {}

  void act();
  void acknowledge(ack_batch::pressing why);
  void look_at_queue();
  void fetch();
  void carry_out(intake::step next);
  expected<void> ask(intake::step next);
  void lost(const failure& why);
  void rest();
  void close();

  const subscription config_;
  const std::string tag_;
  std::shared_ptr<consumer_link> link_;
  subscription_metrics metrics_;
  subscription_work work_;
  stall_watch stalls_;
  link_watch watch_;
  dialer dialer_;
  std::optional<session> session_;
  instant next_look_{}; ///< at the depth of the queue
  std::optional<instant> drain_by_;
};

} // namespace troupe::amqp
