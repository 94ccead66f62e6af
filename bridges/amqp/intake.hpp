#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// How messages are fetched. What the broker pushes to a consumer is in hand before anybody looks at it, and a process that
/// ends then has the broker count it, whether it was handed out or not. So a session begins by pulling one message at a
/// time, until one comes that was not delivered before, or none.
///
/// Where the broker lets nobody pull, as of a quorum queue with a single active consumer, a session has two consumers: the
/// first one has one message in hand at a time, and ends when one that was not delivered before is handled; the main one
/// waits directly behind it. The broker makes the next consumer active as soon as one is cancelled, whatever that one has
/// in hand, so the order of the messages lasts only where everything in hand is handled before. And it sends the next
/// message as soon as one is acknowledged, so the acknowledgements wait for the cancellation. A tag is never used again on
/// its channel: RabbitMQ 3.10 numbers deliveries by tag and channel, and a consumer that comes back while one of them is
/// unacknowledged gets nothing or ends the connection.
///
/// A value: one thread at a time; `now` never goes back.
class intake {
public:
  enum class step : std::uint8_t {
    nothing,
    pull,         ///< ask for one message; then `pulled` or `found_nothing`
    consume,      ///< begin to consume
    taste,        ///< begin to consume with one message in hand at a time, then begin to consume
    cancel_first, ///< end the first of these two; then `ended`
    cancel,       ///< consume no longer; then `ended`
    cancel_both,  ///< end both consumers, the first one last; then `ended` twice
  };

  /// A session begins. `cautious`: what is fetched must wait for a handler that pauses, so it stays one at a time.
  enum class mood : std::uint8_t { ready, cautious };
  void begun(mood how) noexcept {
    at_ = unpullable_ ? stage::about_to_taste : stage::pulling;
    mood_ = how;
    cancellations_ = 0;
    not_before_.reset();
    company_until_.reset();
    found_fresh_ = false;
  }
  /// The handler goes on.
  void ready() noexcept { mood_ = mood::ready; }
  /// The broker refused the pull, and with it the session: no later one pulls.
  void pull_refused() noexcept { unpullable_ = true; }
  /// Whether a pull is not answered.
  [[nodiscard]] bool asked() const noexcept { return at_ == stage::asked; }
  /// Whether the queue has one active consumer at a time.
  [[nodiscard]] bool takes_turns() const noexcept { return unpullable_; }

  /// `idle`: nothing is in hand that could be handed out.
  [[nodiscard]] step next(bool idle, instant now) noexcept {
    if (at_ == stage::turning) {
      at_ = stage::consuming;
      return step::consume;
    }
    if (at_ == stage::about_to_taste) {
      at_ = stage::tasting;
      return step::taste;
    }
    if (at_ != stage::pulling || !idle || (not_before_ && now < *not_before_))
      return step::nothing;
    at_ = stage::asked;
    return step::pull;
  }

  /// Whether the first of two consumers has not ended, and whether it may end when what it has in hand is handled.
  [[nodiscard]] bool tastes() const noexcept { return at_ == stage::tasting; }
  [[nodiscard]] bool first_may_end() const noexcept { return tastes() && found_fresh_ && mood_ == mood::ready; }
  /// What it has in hand is handled and not acknowledged, so that no other one is on its way.
  [[nodiscard]] step end_first() noexcept {
    if (at_ != stage::tasting)
      return step::nothing;
    at_ = stage::consuming;
    ++cancellations_;
    return step::cancel_first;
  }
  /// Whether the broker has not said yet that a consumer has ended.
  [[nodiscard]] bool cancelling() const noexcept { return cancellations_ > 0; }

  /// The message that was asked for; `left` are behind it.
  enum class past : std::uint8_t { fresh, delivered_before };
  void pulled(past what, std::uint32_t left, instant now) noexcept {
    at_ = what == past::fresh && mood_ == mood::ready ? stage::turning : stage::pulling;
    if (at_ == stage::turning && left > 0)
      company_until_ = now + longest_wait_for_company;
  }

  void found_nothing(instant now) noexcept {
    at_ = mood_ == mood::ready ? stage::turning : stage::pulling;
    not_before_ = now + look_again_after;
  }

  /// Nothing more shall be fetched.
  [[nodiscard]] step next_of_end() noexcept {
    company_until_.reset();
    if (at_ == stage::about_to_taste)
      at_ = stage::ended;
    if (at_ != stage::consuming && at_ != stage::tasting)
      return step::nothing;
    const bool both = std::exchange(at_, stage::cancelling) == stage::tasting;
    cancellations_ += both ? 2 : 1;
    return both ? step::cancel_both : step::cancel;
  }

  /// The broker says that a consumer has ended.
  void ended() noexcept {
    if (cancellations_ > 0)
      --cancellations_;
    if (at_ == stage::cancelling && cancellations_ == 0)
      at_ = stage::ended;
  }
  /// The session is about to be closed: what comes now goes back to its queue.
  void closes() noexcept { at_ = stage::ended; }
  /// The session is lost.
  void lost() noexcept {
    at_ = stage::ended;
    cancellations_ = 0;
  }

  /// Whether messages may come that nobody asks for any more.
  [[nodiscard]] bool expects() const noexcept {
    return at_ == stage::asked || at_ == stage::consuming || at_ == stage::cancelling || at_ == stage::tasting;
  }

  /// The broker pushed a message.
  void pushed(past what) noexcept {
    company_until_.reset();
    found_fresh_ = what == past::fresh;
  }

  /// Whether the message that was pulled last waits for those behind it, so that they are handed out together.
  [[nodiscard]] bool waits_for_company(instant now) const noexcept { return company_until_ && now < *company_until_; }

  /// Whether messages come one at a time.
  [[nodiscard]] bool pulls() const noexcept {
    return at_ == stage::pulling || at_ == stage::asked || at_ == stage::about_to_taste || at_ == stage::tasting;
  }

  [[nodiscard]] std::optional<instant> due() const noexcept {
    if (company_until_)
      return company_until_;
    return at_ == stage::pulling ? not_before_ : std::nullopt;
  }

private:
  static constexpr auto longest_wait_for_company = std::chrono::milliseconds{100}; // another consumer may have them
  static constexpr auto look_again_after = std::chrono::seconds{1};

  enum class stage : std::uint8_t {
    pulling,
    asked,
    turning,
    consuming,
    cancelling,
    ended,
    about_to_taste,
    tasting, // with the main consumer behind
  };

  stage at_ = stage::pulling;
  mood mood_ = mood::ready;
  bool unpullable_ = false;
  bool found_fresh_ = false; ///< the last that was pushed
  int cancellations_ = 0;    ///< not answered
  std::optional<instant> not_before_;
  std::optional<instant> company_until_;
};

} // namespace troupe::amqp
