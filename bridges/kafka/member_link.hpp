#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include <troupe/bridges/kafka/inbox.hpp>
#include <troupe/bridges/kafka/subscription_work.hpp>

namespace troupe::kafka {

/// What became of a batch: the handler's replies, or why there are none.
struct batch_outcome {
  std::uint64_t batch = 0;
  expected<replies> what;
};

/// What became of a dead letter's publication, or a retry's.
struct letter_outcome {
  std::uint64_t ticket = 0;
  expected<void> what;
};

/// Hand out nothing more, and finish by then.
struct begin_drain {
  instant by;
};

/// The drain is over, and so is the membership.
struct drain_over {
  std::uint64_t unfinished = 0;
};

/// The membership has ended by itself.
struct membership_failed {
  failure why;
};

using member_order = std::variant<batch_outcome, letter_outcome, begin_drain>;
using member_report = std::variant<hand_out, letter_order, retry_order, drain_over, membership_failed>;

/// What a member's thread and its actor share. Neither keeps the other alive by it.
struct member_link {
  explicit member_link(std::function<void()> wake_actor) : wake_owner(std::move(wake_actor)) {}

  inbox<member_order> orders;          ///< for the thread
  inbox<member_report> reports;        ///< for the actor
  std::atomic<bool> abandoned = false; ///< the actor is gone: end without a word
  std::atomic<bool> joining = false;   ///< between the request to join the group and the one for its outcome
  std::atomic<bool> joined = false;    ///< the group has taken this client in, and is asked for its first assignment
  const std::function<void()> wake_owner;

  void report(member_report what) {
    if (reports.put(std::move(what)) == wake::needed)
      wake_owner();
  }

  void abandon() {
    abandoned = true;
    orders.nudge();
  }
};

} // namespace troupe::kafka
