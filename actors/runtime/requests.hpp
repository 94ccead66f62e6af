#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <troupe/messages/ports/caf.hpp>

namespace troupe {

/// The requests of one actor, with one timer for all their timeouts.
///
/// CAF 0.18 gives every request its own timer: each wakes the clock's thread, which sorts all timers of the process.
/// For actors that ask for every message they handle this costs more than the messages. Here the clock gets a timeout
/// only when no sooner one is waiting, which for deadlines of similar length is once in that length.
///
/// A member of an actor's state, used on that actor's thread only.
template <class Self>
class requests {
public:
  explicit requests(Self* self) : self_(self) {}
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;
  ~requests() { timer_.dispose(); }

  /// As `troupe::ask` with both callbacks; `Answer` is what the receiver answers with. When `timeout` is over `on_error`
  /// gets CAF's `request_timeout`, and an answer that comes later is dropped.
  template <class Answer, class Handle, class Message, class OnValue, class OnError>
  void ask(const Handle& receiver, std::chrono::nanoseconds timeout, Message&& message, OnValue on_value, OnError on_error) {
#if TROUPE_CAF_1
    troupe::ask(self_, receiver, timeout, std::forward<Message>(message)).then(std::move(on_value), std::move(on_error));
#else
    auto asked = self_->request(receiver, caf::infinite, std::forward<Message>(message));
    const auto now = self_->clock().now();
    const auto due = timeout < time_point::max() - now ? now + timeout : time_point::max();
    const auto waiting = waiting_.emplace(due, asked.id());
    asked.then(
      [this, waiting, on_value = std::move(on_value)](Answer& answer) mutable {
        waiting_.erase(waiting);
        on_value(answer);
      },
      [this, waiting, on_error = std::move(on_error)](caf::error& why) mutable {
        waiting_.erase(waiting);
        on_error(why);
      });
    wake_at(due);
#endif
  }

private:
  using time_point = caf::actor_clock::time_point;

#if !TROUPE_CAF_1
  void wake_at(time_point due) {
    if (due >= wakes_at_)
      return;
    wakes_at_ = due;
    timer_.dispose();
    timer_ = self_->run_delayed(due - std::min(due, self_->clock().now()), [this] { time_out(); });
  }

  // A request ends by CAF's own way of saying so, which forgets its callbacks too.
  void time_out() {
    wakes_at_ = time_point::max();
    const auto now = self_->clock().now();
    const auto rest = waiting_.upper_bound(now);
    for (auto each = waiting_.begin(); each != rest; ++each)
      self_->eq_impl(each->second, nullptr, self_->context(), caf::make_error(caf::sec::request_timeout));
    if (rest != waiting_.end())
      wake_at(rest->first);
  }

  std::multimap<time_point, caf::message_id> waiting_; // for an answer, by when it is due
#endif

  Self* self_;
  caf::disposable timer_;
  time_point wakes_at_ = time_point::max();
};

} // namespace troupe
