#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include <troupe/messages/values/error.hpp>

namespace troupe::amqp {

/// Whether a confirm or an acknowledgement covers one message or all up to it.
enum class reach : std::uint8_t { one, all_up_to };

/// The messages of one channel that are sent and not confirmed, in the order in which they were sent. The broker numbers
/// them from 1, confirms them in any order, and returns a message that no queue accepts before it confirms it. A value: one
/// thread at a time.
template <class T>
class confirm_window {
public:
  /// The next message was sent.
  void sent(T message) {
    entries_.push_back(entry{std::move(message), std::nullopt});
    ++waiting_;
  }

  /// The number of messages that are not confirmed.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_; }

  /// No queue accepts the oldest message that `matches` and was not returned before. False if there is none.
  template <class Matches>
  bool returned(Matches matches, const failure& why) {
    for (auto& each : entries_)
      if (each && !each->why && matches(each->message)) {
        each->why = why;
        return true;
      }
    return false;
  }

  /// The broker has accepted (`refused` is empty) or refused messages: calls `settle(T&&, failure)` for each, oldest first.
  /// Unknown numbers are ignored.
  template <class Settle>
  void confirmed(std::uint64_t number, reach how, const std::optional<failure>& refused, Settle settle) {
    if (number >= first_ + entries_.size())
      return;
    auto at = how == reach::one ? number : first_;
    for (; at <= number && at >= first_; ++at)
      if (auto& found = entries_[static_cast<std::size_t>(at - first_)]) {
        settle(std::move(found->message), refused ? *refused : found->why.value_or(failure{errc::none, {}}));
        found.reset();
        --waiting_;
      }
    while (!entries_.empty() && !entries_.front()) {
      entries_.pop_front();
      ++first_;
    }
  }

  /// The channel is lost: calls `lose(T&&)` for each message that is not confirmed, and starts again at 1.
  template <class Lose>
  void lost(Lose lose) {
    for (auto& each : std::exchange(entries_, {}))
      if (each)
        lose(std::move(each->message));
    first_ = 1;
    waiting_ = 0;
  }

private:
  struct entry {
    T message;
    std::optional<failure> why; ///< of a returned message
  };

  std::deque<std::optional<entry>> entries_; ///< from number `first_` on; empty: confirmed
  std::uint64_t first_ = 1;
  std::size_t waiting_ = 0;
};

} // namespace troupe::amqp
