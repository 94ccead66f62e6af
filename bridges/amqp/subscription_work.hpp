#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/intake.hpp>
#include <troupe/bridges/amqp/metrics.hpp>
#include <troupe/bridges/amqp/retry_note.hpp>
#include <troupe/bridges/amqp/session.hpp>
#include <troupe/bridges/amqp/session_deliveries.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe::amqp {

using inbound::delivery_position;
using inbound::hand_out;
using inbound::letter_order;

/// A delivery to be moved to a delay queue; the outcome comes back with the ticket.
struct delay_order {
  std::uint64_t ticket = 0;
  message content;
  std::string queue;
  retry_note note;
};

/// What a consumer decides beside it: what to fetch and how, what to acknowledge, what waits in a delay queue. The
/// consumer's thread tells what happened, then asks in turn for `next_letters`, `next_delays`, `next_acks`, `next_intake`,
/// `next_hand_out` and `next_of_end` until they give nothing.
class subscription_work final : public inbound::subscription_work {
public:
  subscription_work(subscription config, std::string service, subscription_metrics& metrics, random_source random);

  /// A session begins. What was in hand of the one before goes back to the queue by itself; what comes of it is stale.
  void begun(instant now);
  /// It is lost. What has not reached the handler does not get there any more, and nothing of it is published.
  void lost(instant now);

  [[nodiscard]] intake::step next_intake(instant now);
  /// Likewise, at an end that waits for what is in hand.
  [[nodiscard]] intake::step next_of_end();
  void arrived(arrival what, instant now);
  void found_nothing(instant now) { intake_.found_nothing(now); }
  void fetching_ended() noexcept { intake_.ended(); }
  /// The broker ended the session with a conflict. While a pull is not answered, that means that nobody may pull there.
  void met_conflict() noexcept {
    if (intake_.asked())
      intake_.pull_refused();
  }

  /// Whether what is in hand shall be given back, by a new session: the handler has paused for too long.
  [[nodiscard]] bool gives_back(instant now) const noexcept;

  std::vector<letter_order> next_letters(instant now, timestamp civil_now);
  std::vector<delay_order> next_delays(instant now, timestamp civil_now);

  /// With `now` whatever there is.
  [[nodiscard]] std::vector<ack> next_acks(ack_batch::pressing why, instant now);

  std::optional<hand_out> next_hand_out(instant now);

  /// Nothing more is fetched. What is in hand is still handed out while the handler takes it, and what is parked goes to its
  /// delay queue: what goes back to the queue counts there as delivered once more.
  void drain();
  /// Whether nothing more comes, what was handed out is answered, and what is to be published is published; asked when
  /// everything was asked that there was to do. A handler that pauses is not waited for.
  [[nodiscard]] bool settled_down() const noexcept { return !intake_.expects() && !under_way() && !about_to_go_on(); }
  /// Deliveries in hand.
  [[nodiscard]] std::uint64_t unfinished() const noexcept { return unsettled(); }

  /// When to ask again although nothing has happened.
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

  const subscription config_;
  subscription_metrics& metrics_;
  random_source random_;
  bool connected_ = false; ///< the session lasts
  intake intake_;
  policies::earlier_lives earlier_; ///< what was given back with a session
  std::optional<instant> no_delay_before_;
  bool draining_ = false;
};

} // namespace troupe::amqp
