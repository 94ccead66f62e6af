#include <troupe/bridges/embedded/broker.hpp>

#include <algorithm>

namespace troupe::embedded {

expected<std::unique_ptr<membership>> broker::join(std::string source, std::string group, std::int64_t incarnation,
                                                   std::function<void()> wake) {
  const std::lock_guard lock{guard_};
  const auto [from, to] = members_.equal_range(source);
  if (!group.empty() && std::any_of(from, to, [&group](const auto& each) { return each.second->group_ == group; }))
    return failure{errc::conflict, "group '" + group + "' has a subscription to '" + source + "' in this process already"};
  const auto epoch = (static_cast<std::uint64_t>(incarnation) << 24U) + ++joined_;
  auto taken = std::make_unique<membership>(shared_from_this(), source, std::move(group), epoch, std::move(wake));
  members_.emplace(std::move(source), taken.get());
  return taken;
}

void broker::leave(const membership& leaving) {
  bells others;
  {
    const std::lock_guard lock{guard_};
    std::erase_if(members_, [&leaving](const auto& each) { return each.second == &leaving; });
    if (leaving.queue_ < 0)
      return;
    leases_[leaving.queue_].left(leaving.epoch_);
    others = bells_at(leaving.source_, nullptr);
  }
  for (const auto& each : others)
    each->ring();
}

void broker::published(const std::string& source, const std::vector<std::pair<std::int64_t, std::int64_t>>& ends) {
  bells listeners;
  {
    const std::lock_guard lock{guard_};
    for (const auto& [partition_id, end] : ends) {
      auto& known = ends_[partition_id];
      known = std::max(known, end);
    }
    listeners = bells_at(source, nullptr);
  }
  for (const auto& each : listeners)
    each->ring();
}

std::int64_t broker::end_of(std::int64_t partition_id) const {
  const std::lock_guard lock{guard_};
  const auto found = ends_.find(partition_id);
  return found == ends_.end() ? 0 : found->second;
}

// They are rung without the lock: the subscription that is woken may be ending, and leaves on the thread that wakes it.
broker::bells broker::bells_at(const std::string& source, const membership* but) const {
  bells found;
  const auto [from, to] = members_.equal_range(source);
  for (auto each = from; each != to; ++each)
    if (each->second != but)
      found.push_back(each->second->bell_);
  return found;
}

void membership::leases_from(std::int64_t queue) {
  queue_ = queue;
  at_->with_leases(queue, [this](queue_leases& leases) { leases.joined(epoch_); });
}

void membership::wake_others() {
  broker::bells others;
  {
    const std::lock_guard lock{at_->guard_};
    others = at_->bells_at(source_, this);
  }
  for (const auto& each : others)
    each->ring();
}

} // namespace troupe::embedded
