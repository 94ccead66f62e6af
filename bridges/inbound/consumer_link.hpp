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
  deliveries what;
};

/// A dead letter to be published; the outcome comes back with the ticket.
struct letter_order {
  std::uint64_t ticket = 0;
  dead_letter what;
};

/// A delivery that is to wait elsewhere for a delayed retry, likewise.
struct retry_order {
  std::uint64_t ticket = 0;
  message content;
  std::optional<outbound::redirection> elsewhere; ///< none: by the publisher of retries
};

/// The drain is over, and so is the consumer.
struct drain_over {
  std::uint64_t unfinished = 0;
};

// What it is ordered.

/// The handler's replies to a batch, or why there are none.
struct batch_outcome {
  std::uint64_t batch = 0;
  expected<replies> what;
};

/// What became of a dead letter or a retry.
struct publish_outcome {
  std::uint64_t ticket = 0;
  expected<void> what;
};

/// Hand out nothing more, and finish by then.
struct begin_drain {
  instant by;
};

using consumer_report = std::variant<hand_out, letter_order, retry_order, drain_over, thread_failed>;
using consumer_order = std::variant<batch_outcome, publish_outcome, begin_drain>;
using consumer_link = thread_link<consumer_order, consumer_report>;

/// A consumer without a thread of its own: its source's actor drives it, which alone uses it.
class driven_consumer : public consumer_link {
public:
  driven_consumer() : consumer_link([] {}) {}

  /// Does what there is to do: takes orders, and reports. Returns when to call it again although nothing has happened.
  virtual std::optional<instant> go_on(instant now) = 0;

protected:
  void nudge() noexcept final {} // who orders drives it then
};

/// Makes such a consumer for an actor, which `wake_actor` makes drive it. Any thread may call that.
using make_driven_consumer = std::function<std::shared_ptr<driven_consumer>(std::function<void()> wake_actor)>;

} // namespace troupe::inbound
