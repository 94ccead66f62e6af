#pragma once

#include <memory>
#include <optional>
#include <string>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/amqp/consumer_link.hpp>
#include <troupe/bridges/amqp/dialer.hpp>
#include <troupe/bridges/amqp/subscription_work.hpp>

namespace troupe::amqp {

/// A consumer of a queue, on a thread of its own from `run` on: the only place where its session is touched. It ends when it
/// is drained or abandoned.
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
  void happened(inbound::batch_outcome& what);
  void happened(inbound::publish_outcome& what);
  void happened(inbound::begin_drain& what);

  void listen();
  void said(arrival& what);
  void said(nothing_there& what);
  void said(consumer_cancelled& what);
  void said(consumer_ended& what);
  template <class Other>
  void said(const Other& /*what*/) {} // of publishers

  void act();
  void acknowledge(ack_batch::pressing why);
  void fetch();
  void carry_out(intake::step what);
  expected<void> ask(intake::step what);
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
  std::optional<instant> drain_by_;
};

} // namespace troupe::amqp
