#include <troupe/actors/runtime/request_gateway.hpp>

#include <vector>

namespace troupe {

#if !TROUPE_CAF_1
/// The gateway as actors see it: an actor only in so far as they can answer it. An answer is handled in the answering
/// thread.
class request_gateway::address final : public caf::monitorable_actor {
public:
  address(caf::actor_config& config, std::weak_ptr<request_gateway> of) : monitorable_actor(config), of_(std::move(of)) {}

  bool enqueue(caf::mailbox_element_ptr element, execution_context* /*context*/) override {
    const auto gateway = of_.lock();
    if (!gateway || !element->mid.is_response())
      return false;
    gateway->settle(element->mid.request_id().integer_value(), element->content());
    return true;
  }

  /// CAF asks every actor to set up its metrics; this one has none.
  void setup_metrics() {}

private:
  std::weak_ptr<request_gateway> of_;
};
#endif

std::shared_ptr<request_gateway> request_gateway::open(caf::actor_system& system) {
  std::shared_ptr<request_gateway> made{new request_gateway{system}};
#if !TROUPE_CAF_1
  caf::actor_config config;
  made->address_ = caf::make_actor<address, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system, config,
                                                                   std::weak_ptr{made});
#endif
  return made;
}

std::uint64_t request_gateway::expect(instant due, std::unique_ptr<gateway_request> from) {
  std::unique_lock lock{guard_};
  if (!open_)
    return 0;
  const auto number = ++last_;
  waiting_.emplace(number, waiting{std::move(from), dues_.emplace(due, number)});
  wake_by(due, lock);
  return number;
}

void request_gateway::settle(std::uint64_t number, const caf::message& answer) {
  std::unique_lock lock{guard_};
  const auto found = waiting_.find(number);
  if (found == waiting_.end())
    return;
  const auto request = std::move(found->second.request);
  dues_.erase(found->second.due);
  waiting_.erase(found);
  lock.unlock();
  request->answer(answer);
}

// The clock is called without the lock: its own queue is bounded, and its thread may be waiting for the lock in `time_out`.
void request_gateway::wake_by(instant due, std::unique_lock<std::mutex>& lock) {
  const bool wakes_before = !wakes_at_.empty() && *wakes_at_.begin() <= due;
  if (wakes_before || due == instant::max())
    return;
  wakes_at_.insert(due);
  lock.unlock();
  system_.clock().schedule(due, caf::make_action([gateway = weak_from_this()] {
                             if (const auto open = gateway.lock())
                               open->time_out();
                           }));
}

void request_gateway::time_out() {
  const auto now = this->now();
  std::vector<std::unique_ptr<gateway_request>> over;
  std::unique_lock lock{guard_};
  wakes_at_.erase(wakes_at_.begin(), wakes_at_.upper_bound(now));
  const auto rest = dues_.upper_bound(now);
  for (auto each = dues_.begin(); each != rest; ++each)
    over.push_back(std::move(waiting_.extract(each->second).mapped().request));
  dues_.erase(dues_.begin(), rest);
  if (rest != dues_.end())
    wake_by(rest->first, lock);
  if (lock)
    lock.unlock();
  for (const auto& each : over)
    each->expire();
}

void request_gateway::close() {
  std::unique_lock lock{guard_};
  open_ = false;
  const auto unanswered = std::move(waiting_);
  waiting_.clear();
  dues_.clear();
  lock.unlock(); // what they hold may end here, and with it what asks the gateway
}

} // namespace troupe
