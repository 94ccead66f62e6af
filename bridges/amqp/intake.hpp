#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// Decides how messages are fetched. If a process ends, the broker counts a delivery for every message that it had pushed,
/// handed out or not. So a session begins by pulling one message at a time, until one arrives that was not delivered before,
/// or the queue is empty.
///
/// A quorum queue with a single active consumer refuses pulls. There a session has two consumers: the first one has one
/// unsettled message at a time and ends when a message that was not delivered before is handled; the main one is the next in
/// the queue's order. When a consumer is cancelled the broker activates the next one at once, although the cancelled one has
/// unsettled messages. So everything must be handled before, or the order is lost. And the broker sends the next message as
/// soon as one is acknowledged, so the acknowledgements wait for the cancellation. A consumer tag is not used twice on a
/// channel: RabbitMQ 3.10 numbers deliveries by tag and channel, and a consumer that returns while one of them is
/// unacknowledged receives nothing or ends the connection.
///
/// A value: one thread at a time; `now` never goes back.
class intake {
public:
  enum class step : std::uint8_t {
    nothing,
    pull,         ///< ask for one message; then `pulled` or `found_nothing`
    consume,      ///< begin to consume
    taste,        ///< begin to consume with a prefetch of 1, then begin to consume
    cancel_first, ///< cancel the first of these two; then `ended`
    cancel,       ///< cancel the consumer; then `ended`
    cancel_both,  ///< cancel both consumers, the first one last; then `ended` twice
  };

  /// A session begins. `cautious`: the handler pauses, so messages are fetched one at a time until `ready`.
  enum class mood : std::uint8_t { ready, cautious };
  void begun(mood how) noexcept {
    at_ = unpullable_ ? stage::about_to_taste : stage::pulling;
    mood_ = how;
    cancellations_ = 0;
    not_before_.reset();
    company_until_.reset();
    found_fresh_ = false;
  }
  /// The handler no longer pauses.
  void ready() noexcept { mood_ = mood::ready; }
  /// The broker refused the pull and closed the channel: later sessions do not pull.
  void pull_refused() noexcept { unpullable_ = true; }
  /// Whether a pull has no answer yet.
  [[nodiscard]] bool asked() const noexcept { return at_ == stage::asked; }
  /// Whether the queue has one active consumer at a time.
  [[nodiscard]] bool takes_turns() const noexcept { return unpullable_; }

  /// `idle`: no delivery is waiting to be handed out or handled.
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

  /// Whether the first of two consumers is active; whether it may end once its deliveries are handled.
  [[nodiscard]] bool tastes() const noexcept { return at_ == stage::tasting; }
  [[nodiscard]] bool first_may_end() const noexcept { return tastes() && found_fresh_ && mood_ == mood::ready; }
  /// Its deliveries are handled and not acknowledged, so that no further one can arrive.
  [[nodiscard]] step end_first() noexcept {
    if (at_ != stage::tasting)
      return step::nothing;
    at_ = stage::consuming;
    ++cancellations_;
    return step::cancel_first;
  }
  /// Whether a cancellation has no answer yet.
  [[nodiscard]] bool cancelling() const noexcept { return cancellations_ > 0; }

  /// The pull returned a message; `left` are behind it in the queue.
  enum class past : std::uint8_t { fresh, delivered_before };
  void pulled(past history, std::uint32_t left, instant now) noexcept {
    at_ = history == past::fresh && mood_ == mood::ready ? stage::turning : stage::pulling;
    if (at_ == stage::turning && left > 0)
      company_until_ = now + longest_wait_for_company;
  }

  void found_nothing(instant now) noexcept {
    at_ = mood_ == mood::ready ? stage::turning : stage::pulling;
    not_before_ = now + look_again_after;
  }

  /// Fetching ends.
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

  /// The broker confirmed a cancellation.
  void ended() noexcept {
    if (cancellations_ > 0)
      --cancellations_;
    if (at_ == stage::cancelling && cancellations_ == 0)
      at_ = stage::ended;
  }
  /// The session is about to be closed: messages that still arrive go back to the queue.
  void closes() noexcept { at_ = stage::ended; }
  /// The session is lost.
  void lost() noexcept {
    at_ = stage::ended;
    cancellations_ = 0;
  }

  /// Whether messages may still arrive.
  [[nodiscard]] bool expects() const noexcept {
    return at_ == stage::asked || at_ == stage::consuming || at_ == stage::cancelling || at_ == stage::tasting;
  }

  /// The broker pushed a message.
  void pushed(past history) noexcept {
    company_until_.reset();
    found_fresh_ = history == past::fresh;
  }

  /// Whether the last pulled message waits for those behind it, so that they are handed out together.
  [[nodiscard]] bool waits_for_company(instant now) const noexcept { return company_until_ && now < *company_until_; }

  /// Whether messages arrive one at a time.
  [[nodiscard]] bool pulls() const noexcept {
    return at_ == stage::pulling || at_ == stage::asked || at_ == stage::about_to_taste || at_ == stage::tasting;
  }

  [[nodiscard]] std::optional<instant> due() const noexcept {
    if (company_until_)
      return company_until_;
    return at_ == stage::pulling ? not_before_ : std::nullopt;
  }

private:
  static constexpr auto longest_wait_for_company = std::chrono::milliseconds{100}; // another consumer may get them
  static constexpr auto look_again_after = std::chrono::seconds{1};

  enum class stage : std::uint8_t {
    pulling,
    asked,
    turning,
    consuming,
    cancelling,
    ended,
    about_to_taste,
    tasting, // the main consumer is next
  };

  stage at_ = stage::pulling;
  mood mood_ = mood::ready;
  bool unpullable_ = false;
  bool found_fresh_ = false; ///< the last pushed message was not delivered before
  int cancellations_ = 0;    ///< without an answer
  std::optional<instant> not_before_;
  std::optional<instant> company_until_;
};

} // namespace troupe::amqp
