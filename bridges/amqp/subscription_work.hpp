#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/intake.hpp>
#include <troupe/bridges/amqp/metrics.hpp>
#include <troupe/bridges/amqp/session.hpp>
#include <troupe/bridges/amqp/session_deliveries.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe::amqp {

using inbound::delivery_position;
using inbound::hand_out;
using inbound::letter_order;

/// A delivery to move to a delay queue; the outcome comes back with the ticket.
struct delay_order {
  std::uint64_t ticket = 0;
  message content;
  std::string queue;
  retry_note note;
};

/// The decisions of a consumer: how to fetch, what to acknowledge, what waits in a delay queue. The consumer's thread
/// reports events, then calls `next_letters`, `next_delays`, `next_acks`, `next_intake`, `next_hand_out` and `next_of_end`
/// in turn until they return nothing.
class subscription_work final : public inbound::subscription_work {
public:
  subscription_work(subscription config, std::string service, subscription_metrics& metrics, random_source random);

  /// A session begins. The broker returns the unsettled deliveries of the previous one to the queue; their outcomes are
  /// stale.
  void begun(instant now);
  /// The session is lost. What has not reached the handler is not handed out, and nothing of the session is published.
  void lost(instant now);

  [[nodiscard]] intake::step next_intake(instant now);
  /// The same at the end of a drain, which waits for the unsettled deliveries.
  [[nodiscard]] intake::step next_of_end();
  void arrived(arrival delivered, instant now);
  void found_nothing(instant now) { intake_.found_nothing(now); }
  /// So many messages are in the queue that no consumer has, as the broker says now and then.
  void ready_are(std::size_t messages);
  void fetching_ended() noexcept { intake_.ended(); }
  /// The broker closed the channel with a conflict. If a pull has no answer, the queue refuses pulls.
  void met_conflict() noexcept {
    if (intake_.asked())
      intake_.pull_refused();
  }

  /// Whether the handler has paused for too long: a new session then returns the unsettled deliveries to the queue.
  [[nodiscard]] bool gives_back(instant now) const noexcept;

  std::vector<letter_order> next_letters(instant now, timestamp civil_now);
  std::vector<delay_order> next_delays(instant now, timestamp civil_now);

  /// With `now` all that there are.
  [[nodiscard]] std::vector<ack> next_acks(ack_batch::pressing why, instant now);

  std::optional<hand_out> next_hand_out(instant now);

  /// Stops fetching. Unsettled deliveries are still handed out while the handler accepts them, and parked ones go to their
  /// delay queue: the broker would count what returns to the queue as one more delivery.
  void drain();
  /// Whether no message can arrive, every batch has its answer and everything is published, once all `next_...` return
  /// nothing. Does not wait for a handler that pauses.
  [[nodiscard]] bool settled_down() const noexcept { return !intake_.expects() && !under_way() && !about_to_go_on(); }
  /// The number of unsettled deliveries.
  [[nodiscard]] std::uint64_t unfinished() const noexcept { return unsettled(); }

  /// When to call again if nothing happens before.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

private:
  [[nodiscard]] session_deliveries& in_hand() const noexcept { return static_cast<session_deliveries&>(*partition_at(0)); }
  [[nodiscard]] bool pauses_for_long(instant now) const noexcept;
  [[nodiscard]] bool under_way() const noexcept;
  [[nodiscard]] bool about_to_go_on() const noexcept;
  [[nodiscard]] bool first_ends() const noexcept;
  [[nodiscard]] bool withholds_acks() const noexcept;
  void park(std::int64_t tag, instant now, instant due);
  [[nodiscard]] std::size_t may_park() const noexcept;
  void parked(const delivery_position& which, instant now) override;
  [[nodiscard]] bool never_taken(const failure& why) const override { return why.code == errc::rejected; }
  void move_ended(const delivery_position& which, const expected<void>& outcome, instant now) override;
  void handler_works() noexcept override { intake_.ready(); }
  void changed(instant now) override;
  void show_unsettled();

  const subscription config_;
  subscription_metrics& metrics_;
  random_source random_;
  bool connected_ = false; ///< there is a session
  intake intake_;
  policies::earlier_lives earlier_; ///< of deliveries of previous sessions
  std::optional<instant> no_delay_before_;
  std::optional<std::size_t> ready_; ///< in the queue, beside what has arrived since the broker said it
  bool draining_ = false;
};

} // namespace troupe::amqp
