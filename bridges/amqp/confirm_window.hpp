#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include <troupe/messages/values/error.hpp>

namespace troupe::amqp {

/// Whether a confirm speaks of one message or of all up to it.
enum class reach : std::uint8_t { one, all_up_to };

/// The messages of one channel that are sent and not confirmed, in the order in which they were sent. The broker numbers
/// them from 1; it confirms them in any order, and tells of one that no queue takes before it confirms it. A value: one
/// thread.
template <class T>
class confirm_window {
public:
  /// The next message is on its way.
  void sent(T what) {
    entries_.push_back(entry{std::move(what), std::nullopt});
    ++waiting_;
  }

  /// Messages that are not confirmed.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_; }

  /// No queue takes the oldest one that `matches` and was not returned yet. False: there is none.
  template <class Matches>
  bool returned(Matches matches, const failure& why) {
    for (auto& each : entries_)
      if (each && !each->why && matches(each->what)) {
        each->why = why;
        return true;
      }
    return false;
  }

  /// The broker has taken (`refused` is empty) or refused messages: calls `settle(T&&, failure)` for each, oldest first. A
  /// number that is not waiting is ignored.
  template <class Settle>
  void confirmed(std::uint64_t number, reach how, const std::optional<failure>& refused, Settle settle) {
    if (number >= first_ + entries_.size())
      return;
    auto at = how == reach::one ? number : first_;
    for (; at <= number && at >= first_; ++at)
      if (auto& found = entries_[static_cast<std::size_t>(at - first_)]) {
        settle(std::move(found->what), refused ? *refused : found->why.value_or(failure{errc::none, {}}));
        found.reset();
        --waiting_;
      }
    while (!entries_.empty() && !entries_.front()) {
      entries_.pop_front();
      ++first_;
    }
  }

  /// The channel is gone: calls `lose(T&&)` for each that is not confirmed, and begins anew.
  template <class Lose>
  void lost(Lose lose) {
    for (auto& each : std::exchange(entries_, {}))
      if (each)
        lose(std::move(each->what));
    first_ = 1;
    waiting_ = 0;
  }

private:
  struct entry {
    T what;
    std::optional<failure> why; ///< it was returned
  };

  std::deque<std::optional<entry>> entries_; ///< from number `first_` on; empty: confirmed
  std::uint64_t first_ = 1;
  std::size_t waiting_ = 0;
};

} // namespace troupe::amqp
