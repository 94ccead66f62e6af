#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// How messages are fetched. What the broker pushes to a consumer is in hand before anybody looks at it, and a process that
/// ends then has the broker count it, whether it was handed out or not. So a session begins by pulling one message at a
/// time, until one comes that was not delivered before, or none. A value: one thread at a time; `now` never goes back.
class intake {
public:
  enum class step : std::uint8_t {
    nothing,
    pull,    ///< ask for one message; then `pulled` or `found_nothing`
    consume, ///< begin to consume
    cancel,  ///< consume no longer; then `ended`
  };

  /// A session begins. `cautious`: what is fetched must wait for a handler that pauses, so it stays one at a time.
  enum class mood : std::uint8_t { ready, cautious };
  void begun(mood how) noexcept {
    at_ = stage::pulling;
    mood_ = how;
    not_before_.reset();
    company_until_.reset();
  }
  /// The handler goes on.
  void ready() noexcept { mood_ = mood::ready; }

  /// `idle`: nothing is in hand that could be handed out.
  [[nodiscard]] step next(bool idle, instant now) noexcept {
    if (at_ == stage::turning) {
      at_ = stage::consuming;
      return step::consume;
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
    if (at_ != stage::consuming)
      return step::nothing;
    at_ = stage::cancelling;
    return step::cancel;
  }

  /// Nothing more comes.
  void ended() noexcept { at_ = stage::ended; }

  /// Whether messages may come that nobody asks for any more.
  [[nodiscard]] bool expects() const noexcept {
    return at_ == stage::asked || at_ == stage::consuming || at_ == stage::cancelling;
  }

  /// The broker pushed a message.
  void pushed() noexcept { company_until_.reset(); }

  /// Whether the message that was pulled last waits for those behind it, so that they are handed out together.
  [[nodiscard]] bool waits_for_company(instant now) const noexcept { return company_until_ && now < *company_until_; }

  /// Whether messages come one at a time.
  [[nodiscard]] bool pulls() const noexcept { return at_ == stage::pulling || at_ == stage::asked; }

  [[nodiscard]] std::optional<instant> due() const noexcept {
    if (company_until_)
      return company_until_;
    return at_ == stage::pulling ? not_before_ : std::nullopt;
  }

private:
  static constexpr auto longest_wait_for_company = std::chrono::milliseconds{100}; // another consumer may have them
  static constexpr auto look_again_after = std::chrono::seconds{1};

  enum class stage : std::uint8_t { pulling, asked, turning, consuming, cancelling, ended };

  stage at_ = stage::pulling;
  mood mood_ = mood::ready;
  std::optional<instant> not_before_;
  std::optional<instant> company_until_;
};

} // namespace troupe::amqp
