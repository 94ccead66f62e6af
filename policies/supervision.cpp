#include <troupe/policies/supervision.hpp>

#include <algorithm>
#include <utility>

namespace troupe::policies {

using action = supervision_command::action;

supervision::supervision(const supervision_config& config, const std::vector<child_policy>& children, std::uint64_t seed)
  : config_(config), intensity_(config.intensity) {
  children_.reserve(children.size());
  for (const auto& policy : children)
    children_.push_back({.policy = policy, .delay = backoff{config.backoff, seed++}});
}

supervision::commands supervision::begin(instant now) {
  for (auto& one : children_)
    one.due = now;
  return advance(now);
}

supervision::commands supervision::ended(std::size_t child, ending how, instant now) {
  auto& one = children_[child];
  if (one.state == child_state::stopping || one.to_stop || mode_ != mode::running) {
    one.state = will_start(one) ? child_state::restarting : child_state::stopped;
    one.to_stop = false;
    return advance(now);
  }
  const bool restarts = one.policy.restart == restart_kind::permanent
                        || (one.policy.restart == restart_kind::transient && how != ending::normal);
  if (!restarts) {
    one.state = child_state::stopped;
  } else if (how == ending::exhausted && one.policy.when_exhausted == exhaustion::retry) {
    one.state = child_state::failed;
    one.due = now + config_.failed_retry;
  } else if ((how == ending::exhausted && one.policy.when_exhausted == exhaustion::escalates) || !intensity_.admit(now)) {
    one.state = child_state::failed;
    mode_ = mode::giving_up;
    end_all();
  } else {
    restart_with_siblings(child, now);
  }
  return advance(now);
}

supervision::commands supervision::abandoned(std::size_t child, instant now) {
  auto result = ended(child, ending::abnormal, now);
  if (auto& one = children_[child]; one.state == child_state::stopped)
    one.state = child_state::abandoned;
  return result;
}

supervision::commands supervision::tick(instant now) {
  return advance(now);
}

supervision::commands supervision::stop(instant now) {
  if (mode_ != mode::over)
    mode_ = mode::stopping;
  end_all();
  return advance(now);
}

void supervision::restart_with_siblings(std::size_t failed, instant now) {
  const auto due = now + children_[failed].delay.next(now);
  const auto affected = [&](std::size_t index) {
    switch (config_.strategy) {
      case restart_strategy::one_for_one:
        return index == failed;
      case restart_strategy::one_for_all:
        return true;
      case restart_strategy::rest_for_one:
        return index >= failed;
    }
    return false;
  };
  children_[failed].state = child_state::restarting;
  for (std::size_t index = 0; index != children_.size(); ++index) {
    auto& one = children_[index];
    if (!affected(index) || one.state == child_state::failed || one.state == child_state::stopped)
      continue;
    one.to_stop = one.state == child_state::running;
    one.due = std::max(one.due, due);
  }
}

void supervision::end_all() {
  for (auto& one : children_) {
    one.to_stop = one.state == child_state::running;
    if (one.state == child_state::waiting || one.state == child_state::restarting
        || (one.state == child_state::failed && mode_ == mode::stopping))
      one.state = child_state::stopped;
  }
}

supervision::commands supervision::advance(instant now) {
  commands result;
  const auto is_stopping = [](const record& one) { return one.state == child_state::stopping; };
  if (mode_ == mode::over || std::any_of(children_.begin(), children_.end(), is_stopping))
    return result;
  const auto last = std::find_if(children_.rbegin(), children_.rend(), [](const record& one) { return one.to_stop; });
  if (last != children_.rend()) {
    last->state = child_state::stopping;
    last->to_stop = false;
    result.push_back({action::stop, static_cast<std::size_t>(children_.rend() - last) - 1});
    return result;
  }
  if (mode_ != mode::running) {
    result.push_back({mode_ == mode::stopping ? action::finished : action::give_up});
    mode_ = mode::over;
    return result;
  }
  auto next = instant::max();
  for (std::size_t index = 0; index != children_.size(); ++index) {
    auto& one = children_[index];
    if (one.state != child_state::waiting && one.state != child_state::restarting && one.state != child_state::failed)
      continue;
    if (one.due <= now) {
      one.state = child_state::running;
      result.push_back({action::start, index});
    } else {
      next = std::min(next, one.due);
    }
  }
  if (next != instant::max())
    result.push_back({action::wake, 0, next});
  return result;
}

bool supervision::will_start(const record& one) const noexcept {
  // A child that is being stopped for the sake of a sibling comes back, unless it is one that never does.
  return mode_ == mode::running && one.policy.restart != restart_kind::temporary;
}

} // namespace troupe::policies
