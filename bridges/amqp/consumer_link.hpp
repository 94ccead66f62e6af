#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <variant>

#include <troupe/bridges/amqp/inbox.hpp>
#include <troupe/bridges/amqp/lifeline.hpp>
#include <troupe/bridges/amqp/subscription_work.hpp>

namespace troupe::amqp {

/// What became of a batch: the handler's replies, or why there are none.
struct batch_outcome {
  std::uint64_t batch = 0;
  expected<replies> what;
};

/// What became of a dead letter's publication.
struct letter_outcome {
  std::uint64_t ticket = 0;
  expected<void> what;
};

/// What became of a move to a delay queue.
struct delay_outcome {
  std::uint64_t ticket = 0;
  expected<void> what;
};

/// Fetch nothing more, and finish what is in hand by then.
struct begin_drain {
  instant by;
};

/// The drain is over, and so is the consumer.
struct drain_over {
  std::uint64_t unfinished = 0;
};

/// The consumer has ended by itself.
struct consumer_failed {
  failure why;
};

using consumer_order = std::variant<batch_outcome, letter_outcome, delay_outcome, begin_drain>;
using consumer_report = std::variant<hand_out, letter_order, delay_order, drain_over, consumer_failed>;

/// What a consumer's thread and its actor share. Neither keeps the other alive by it.
struct consumer_link {
  explicit consumer_link(std::function<void()> wake_actor) : wake_owner(std::move(wake_actor)) {}

  inbox<consumer_order> orders;   ///< for the thread
  inbox<consumer_report> reports; ///< for the actor
  waker bell;                     ///< of the thread
  lifeline line;
  std::atomic<bool> abandoned = false; ///< the actor is gone: end without a word
  const std::function<void()> wake_owner;

  void order(consumer_order what) {
    if (orders.put(std::move(what)) == wake::needed)
      bell.nudge();
  }

  void report(consumer_report what) {
    if (reports.put(std::move(what)) == wake::needed)
      wake_owner();
  }

  void abandon() {
    abandoned = true;
    line.cut();
    bell.nudge();
  }
};

} // namespace troupe::amqp
