#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// How messages are fetched. What the broker pushes to a consumer is in hand before anybody looks at it, and a process that
/// ends then has the broker count it, whether it was handed out or not. So a session begins by pulling one message at a
/// time, until one comes that was not delivered before, or none. Where the broker lets nobody pull, as of a quorum queue
/// with a single active consumer, it consumes one at a time instead, until one comes that was not delivered before and is
/// settled. A value: one thread at a time; `now` never goes back.
class intake {
public:
  enum class step : std::uint8_t {
    nothing,
    pull,    ///< ask for one message; then `pulled` or `found_nothing`
    taste,   ///< begin to consume, with one message in hand at a time
    consume, ///< begin to consume
    cancel,  ///< consume no longer; then `ended`
  };

  /// A session begins. `cautious`: what is fetched must wait for a handler that pauses, so it stays one at a time.
  enum class mood : std::uint8_t { ready, cautious };
  void begun(mood how) noexcept {
    at_ = unpullable_ ? stage::about_to_taste : stage::pulling;
    mood_ = how;
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
    // With one in hand another consumer would become the active one, and overtake it.
    if (at_ == stage::tasting && found_fresh_ && idle && mood_ == mood::ready) {
      at_ = stage::leaving;
      return step::cancel;
    }
    if (at_ != stage::pulling || !idle || (not_before_ && now < *not_before_))
      return step::nothing;
    at_ = stage::asked;
    return step::pull;
  }

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
    if (at_ == stage::leaving)
      at_ = stage::cancelling;
    if (at_ != stage::consuming && at_ != stage::tasting)
      return step::nothing;
    at_ = stage::cancelling;
    return step::cancel;
  }

  /// Nothing more comes.
  void ended() noexcept { at_ = at_ == stage::leaving ? stage::turning : stage::ended; }
  /// The session is lost.
  void lost() noexcept { at_ = stage::ended; }

  /// Whether messages may come that nobody asks for any more.
  [[nodiscard]] bool expects() const noexcept {
    return at_ == stage::asked || at_ == stage::consuming || at_ == stage::cancelling || at_ == stage::tasting
           || at_ == stage::leaving;
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
    return at_ == stage::pulling || at_ == stage::asked || at_ == stage::about_to_taste || at_ == stage::tasting
           || at_ == stage::leaving;
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
    tasting,
    leaving
  };

  stage at_ = stage::pulling;
  mood mood_ = mood::ready;
  bool unpullable_ = false;
  bool found_fresh_ = false; ///< the last that was pushed
  std::optional<instant> not_before_;
  std::optional<instant> company_until_;
};

} // namespace troupe::amqp
