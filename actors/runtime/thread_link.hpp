#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/messages/ports/caf.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe {

/// The thread has ended by itself, and its actor must too.
struct thread_failed {
  failure why;
};

/// What an actor and a thread of a bridge share: orders go one way, reports the other. Neither keeps the other alive by it.
/// How the thread waits, and is woken, is the bridge's own.
template <class Order, class Report>
class thread_link {
public:
  /// `wake_actor` is called on the thread, whenever reports wait.
  explicit thread_link(std::function<void()> wake_actor) : wake_actor_(std::move(wake_actor)) {}
  virtual ~thread_link() = default;
  thread_link(const thread_link&) = delete;
  thread_link& operator=(const thread_link&) = delete;

  // The actor's side.

  void order(Order order) {
    if (orders_.put(std::move(order)) == wake::needed)
      nudge();
  }
  [[nodiscard]] std::vector<Report> take_reports() { return reports_.take(); }
  /// How often the thread has looked for orders. What does not grow for long is a thread that something does not return to.
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_.load(std::memory_order_relaxed); }
  /// The actor is gone: the thread ends without a further report.
  void abandon() {
    abandoned_ = true;
    interrupt();
  }

  // The thread's side.

  [[nodiscard]] std::vector<Order> take_orders() {
    turns_.fetch_add(1, std::memory_order_relaxed);
    return orders_.take();
  }
  void report(Report report) {
    if (reports_.put(std::move(report)) == wake::needed)
      wake_actor_();
  }
  [[nodiscard]] bool abandoned() const noexcept { return abandoned_; }

protected:
  /// Ends the thread's wait, the present or the next one. Any thread.
  virtual void nudge() noexcept = 0;
  /// The same for whatever it is stuck in.
  virtual void interrupt() noexcept { nudge(); }

private:
  inbox<Order> orders_;
  inbox<Report> reports_;
  std::atomic<std::uint64_t> turns_ = 0;
  std::atomic<bool> abandoned_ = false;
  const std::function<void()> wake_actor_;
};

/// A thread that has not begun. `run` returns when the thread's work is over, or its link is abandoned. It is empty where
/// the link needs no thread of its own.
template <class Link>
struct linked_thread {
  std::shared_ptr<Link> link;
  std::function<void()> run;
};

/// Makes a thread of a bridge for an actor whose inbox it wakes.
template <class Link>
using make_linked_thread = std::function<linked_thread<Link>(std::function<void()> wake_actor)>;

/// Sends `self` a tick, as long as it is there. Any thread may call it.
template <class Handle, class Self>
std::function<void()> waker_of(Self* self) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self)] {
    if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
      send_anonymously(caf::actor_cast<Handle>(strong), caf::tick_atom_v);
  };
}

/// Begins a thread that sends `self` a tick whenever it has reports. It is CAF's own, so that the actor system waits for its
/// end.
template <class Handle, class Self, class Link>
std::shared_ptr<Link> begin_thread(Self* self, const make_linked_thread<Link>& make) {
  auto made = make(waker_of<Handle>(self));
  if (made.run)
    self->home_system().template spawn<caf::detached>([run = std::move(made.run)](caf::event_based_actor*) { run(); });
  return std::move(made.link);
}

} // namespace troupe
