#include <troupe/bridges/embedded/broker.hpp>

#include <algorithm>

namespace troupe::embedded {

expected<std::unique_ptr<seat>> broker::sit_down(std::string source, std::string group, std::int64_t incarnation,
                                                 std::function<void()> wake) {
  const std::lock_guard lock{guard_};
  const auto [from, to] = seats_.equal_range(source);
  if (!group.empty() && std::any_of(from, to, [&group](const auto& each) { return each.second->group_ == group; }))
    return failure{errc::conflict, "group '" + group + "' has a subscription to '" + source + "' in this process already"};
  const auto epoch = (static_cast<std::uint64_t>(incarnation) << 24U) + ++seats_given_;
  auto taken = std::make_unique<seat>(shared_from_this(), source, std::move(group), epoch, std::move(wake));
  seats_.emplace(std::move(source), taken.get());
  return taken;
}

void broker::stand_up(const seat& who) {
  bells others;
  {
    const std::lock_guard lock{guard_};
    std::erase_if(seats_, [&who](const auto& each) { return each.second == &who; });
    if (who.queue_ < 0)
      return;
    claims_[who.queue_].left(who.epoch_);
    others = bells_at(who.source_, nullptr);
  }
  for (const auto& each : others)
    each->ring();
}

void broker::published(const std::string& source, const std::vector<std::pair<std::int64_t, std::int64_t>>& ends) {
  bells listeners;
  {
    const std::lock_guard lock{guard_};
    for (const auto& [lane, end] : ends) {
      auto& known = ends_[lane];
      known = std::max(known, end);
    }
    listeners = bells_at(source, nullptr);
  }
  for (const auto& each : listeners)
    each->ring();
}

std::int64_t broker::end_of(std::int64_t lane) const {
  const std::lock_guard lock{guard_};
  const auto found = ends_.find(lane);
  return found == ends_.end() ? 0 : found->second;
}

// They are rung without the lock: who is woken may be at its end, and stands up in the thread that wakes it.
broker::bells broker::bells_at(const std::string& source, const seat* but) const {
  bells found;
  const auto [from, to] = seats_.equal_range(source);
  for (auto each = from; each != to; ++each)
    if (each->second != but)
      found.push_back(each->second->bell_);
  return found;
}

void seat::claims_from(std::int64_t queue) {
  queue_ = queue;
  at_->with_claims(queue, [this](queue_claims& claims) { claims.joined(epoch_); });
}

void seat::wake_others() {
  broker::bells others;
  {
    const std::lock_guard lock{at_->guard_};
    others = at_->bells_at(source_, this);
  }
  for (const auto& each : others)
    each->ring();
}

} // namespace troupe::embedded
