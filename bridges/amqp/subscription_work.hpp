#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/policies/batches.hpp>

namespace troupe::amqp {

using inbound::hand_out;
using inbound::letter_order;

/// A delivery to be moved to a delay queue; the outcome comes back with the ticket.
struct delay_order {
  std::uint64_t ticket = 0;
  message content;
  std::string queue;
  retry_note note;
};

/// Everything a consumer decides: what to fetch and how, what to hand out, acknowledge, delay, set aside. It does no I/O:
/// the consumer's thread tells what happened, then asks in turn for `next_letters`, `next_delays`, `next_acks`,
/// `next_intake`, `next_hand_out` and `next_of_end` until they give nothing. A value; one thread at a time.
class subscription_work {
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
  void letter_published(std::uint64_t ticket, const expected<void>& outcome, instant now);

  std::vector<delay_order> next_delays(instant now, timestamp civil_now);
  void delay_published(std::uint64_t ticket, const expected<void>& outcome, instant now);

  /// With `now` whatever there is.
  [[nodiscard]] std::vector<ack> next_acks(ack_batch::pressing why, instant now);

  std::optional<hand_out> next_hand_out(instant now);
  void answered(std::uint64_t number, const replies& what, instant now);
  void gone(std::uint64_t number, errc why, instant now);

  /// Nothing more is fetched. What is in hand is still handed out while the handler takes it, and what is parked goes to its
  /// delay queue: what goes back to the queue counts there as delivered once more.
  void drain();
  /// Whether nothing more comes, what was handed out is answered, and what is to be published is published; asked when
  /// everything was asked that there was to do. A handler that pauses is not waited for.
  [[nodiscard]] bool settled_down() const noexcept { return !intake_.expects() && !under_way() && !about_to_go_on(); }
  /// Deliveries in hand.
  [[nodiscard]] std::uint64_t unfinished() const noexcept { return in_hand_->ledger.unsettled(); }

  /// What does not go on. Looks at everything in hand.
  [[nodiscard]] stall_list stalls() const;

  /// When to ask again although nothing has happened.
  [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

private:
  enum class stage : std::uint8_t { ready, handled };
  using company = policies::company;

  struct place {
    std::uint64_t session = 0;
    std::int64_t tag = 0;
  };
  using batches = policies::batches<place, stage>;
  using fit = batches::fit;

  [[nodiscard]] bool current(const place& what) const noexcept { return what.session == sessions_; }
  [[nodiscard]] bool under_way() const noexcept;
  [[nodiscard]] bool about_to_go_on() const noexcept;
  [[nodiscard]] bool first_ends() const noexcept;
  [[nodiscard]] bool withholds_acks() const noexcept;
  void form_batches(instant now);
  void form(const std::vector<std::int64_t>& tags);
  void reply_to(std::uint64_t number, const place& to, const reply& what, instant now);
  void settle(std::int64_t tag, instant now);
  void park(std::int64_t tag, instant now, instant due);
  [[nodiscard]] std::size_t may_park() const noexcept;
  [[nodiscard]] letter_order letter_for(std::int64_t tag, instant now, timestamp civil_now);

  const subscription config_;
  const std::string service_;
  subscription_metrics& metrics_;
  random_source random_;
  bool connected_ = false; ///< the session lasts
  intake intake_;
  earlier_lives earlier_;                       ///< what was given back with a session
  std::unique_ptr<session_deliveries> in_hand_; ///< of this session
  std::uint64_t sessions_ = 0;                  ///< the number of this one
  batches batches_;
  std::optional<instant> paused_since_;
  std::vector<std::int64_t> to_be_letters_; ///< the ledger wants their dead letters published
  std::vector<std::int64_t> to_be_delayed_; ///< parked beyond what may be
  std::map<std::uint64_t, place> letters_;  ///< by ticket: being published
  std::map<std::uint64_t, place> delays_;
  std::uint64_t last_ticket_ = 0;
  std::optional<instant> no_delay_before_;
  bool draining_ = false;
};

} // namespace troupe::amqp
