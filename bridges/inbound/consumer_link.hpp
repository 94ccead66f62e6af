#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

#include <troupe/actors/runtime/thread_link.hpp>
#include <troupe/bridges/outbound/publish_request.hpp>
#include <troupe/messages/values/dead_letter.hpp>
#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::inbound {

// What a consumer's thread reports.

/// A batch for the handler.
struct hand_out {
  std::uint64_t batch = 0;
  deliveries request;
};

/// A dead letter to publish; the outcome comes back with the ticket.
struct letter_order {
  std::uint64_t ticket = 0;
  dead_letter letter;
};

/// A delivery to publish for a delayed retry; the outcome comes back with the ticket.
struct retry_order {
  std::uint64_t ticket = 0;
  message content;
  std::optional<outbound::redirection> elsewhere; ///< none: the publisher of retries
};

/// The drain is over, and so is the consumer.
struct drain_over {
  std::uint64_t unfinished = 0;
};

// What it receives.

/// The handler's replies to a batch, or the error of the request.
struct batch_outcome {
  std::uint64_t batch = 0;
  expected<replies> answer;
};

/// The outcome of publishing a dead letter or a retry.
struct publish_outcome {
  std::uint64_t ticket = 0;
  expected<void> outcome;
};

/// Hand out nothing more, and finish by this time.
struct begin_drain {
  instant by;
};

using consumer_report = std::variant<hand_out, letter_order, retry_order, drain_over, thread_failed>;
using consumer_order = std::variant<batch_outcome, publish_outcome, begin_drain>;
using consumer_link = thread_link<consumer_order, consumer_report>;

/// A consumer without a thread of its own. Its source's actor drives it, and only that actor uses it.
class driven_consumer : public consumer_link {
public:
  driven_consumer() : consumer_link([] {}) {}

  /// Takes its orders, does its work and reports. Returns when to call it again if nothing happens before.
  virtual std::optional<instant> go_on(instant now) = 0;

protected:
  void nudge() noexcept final {} // the actor that orders drives it afterwards
};

/// Makes such a consumer. Any thread may call `wake_actor`, which makes the actor drive the consumer.
using make_driven_consumer = std::function<std::shared_ptr<driven_consumer>(std::function<void()> wake_actor)>;

} // namespace troupe::inbound
