#include <troupe/bridges/inbound/subscription_work.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::inbound {

subscription_work::subscription_work(limits most, std::string service, subscription_metrics& metrics)
  : counts_(metrics), limits_(most), service_(std::move(service)) {}

// Partitions.

void subscription_work::assign(std::size_t index, std::unique_ptr<partition> of) {
  if (assignments_.size() <= index)
    assignments_.resize(index + 1);
  assignments_[index] = {++last_assignment_, std::move(of)};
}

void subscription_work::leave(std::size_t index, instant now) {
  if (partition_at(index) != nullptr && !std::exchange(assignments_[index].leaving, true))
    take_back(index, now);
}

void subscription_work::unassign(std::size_t index) {
  assignments_[index] = {};
}

partition* subscription_work::partition_at(std::size_t index) const noexcept {
  return index < assignments_.size() ? assignments_[index].of.get() : nullptr;
}

partition* subscription_work::partition_of(const delivery_position& which) const noexcept {
  auto* const found = partition_at(which.partition);
  return found != nullptr && assignments_[which.partition].number == which.assignment ? found : nullptr;
}

// Batches.

void subscription_work::form_batches(instant now) {
  batches_.wake(now);
  form_last(now);
  while (batches_.room(limits_.batches_in_flight)) {
    std::vector<delivery_position> items;
    const auto credit = batches_.credit(limits_.batch);
    for (std::size_t tried = 0; tried < assignments_.size() && items.size() < credit; ++tried) {
      const auto index = turn_++ % assignments_.size();
      auto* const from = partition_at(index);
      if (from == nullptr || leaving(index))
        continue;
      const auto offsets = from->take(credit - items.size(), now);
      std::vector<delivery_position> suspects;
      auto& to = from->ledger().suspect_in_flight() ? suspects : items;
      for (const auto offset : offsets)
        to.push_back(position_at(index, offset));
      if (!suspects.empty()) {
        batches_.form(std::move(items), company::any);
        batches_.form(std::move(suspects), company::alone);
        return changed(now);
      }
    }
    if (items.empty())
      break;
    batches_.form(std::move(items), company::any);
    changed(now);
  }
  set_time(now);
}

// In batches of their own, which wait for nothing that the partitions that stay may need.
void subscription_work::form_last(instant now) {
  for (std::size_t index = 0; index != assignments_.size(); ++index) {
    if (partition_at(index) == nullptr || !leaving(index) || !batches_.room(limits_.batches_in_flight))
      continue;
    std::vector<delivery_position> items;
    for (const auto offset : partition_at(index)->take_last(batches_.credit(limits_.batch), now))
      items.push_back(position_at(index, offset));
    batches_.form(std::move(items), company::any);
  }
}

void subscription_work::set_time(instant now) {
  batches_.wake(now);
  for (const auto& each : assignments_)
    if (each.of && !each.leaving)
      static_cast<void>(each.of->take(0, now));
}

void subscription_work::release_formed() {
  for (auto& [number, each] : batches_)
    if (each.at == stage::formed)
      each.at = stage::ready;
}

std::optional<hand_out> subscription_work::hand_out_next() {
  const auto next = batches_.hand_out();
  if (!next)
    return std::nullopt;
  const auto& [number, chosen] = *next;
  hand_out out{number, {}};
  out.request.batch.reserve(chosen.items.size());
  for (const auto& each : chosen.items)
    out.request.batch.push_back(partition_of(each)->delivery_at(each.offset));
  counts_.batches.add();
  counts_.delivered.add(static_cast<double>(chosen.items.size()));
  return out;
}

void subscription_work::answered(std::uint64_t number, const replies& answer, instant now) {
  const auto how = batches_.fits(number, answer);
  if (how == fit::unknown)
    return counts_.stale.add(static_cast<double>(answer.each.size()));
  if (how == fit::mismatched)
    return gone(number, errc::actor_failed, now);
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i)
    switch (reply_to(number, items[i], answer.each[i], now)) {
      case policies::settlement::parked:
        parked(items[i], now);
        break;
      case policies::settlement::dead_letter:
        rejected(items[i]);
        break;
      default:
        break;
    }
  batch_over(answer, now);
}

void subscription_work::ended(const batch_outcome& outcome, instant now) {
  if (outcome.answer.has_value())
    answered(outcome.batch, *outcome.answer, now);
  else
    gone(outcome.batch, outcome.answer.error().code, now);
}

policies::settlement subscription_work::reply_to(std::uint64_t number, const delivery_position& to, const reply& answer,
                                                 instant now) {
  batches_.came_back(number);
  if (answer.verdict == verdict::done) {
    batches_.done(number);
    handler_works();
  }
  auto* const of = partition_of(to);
  const auto outcome = of != nullptr ? of->ledger().replied(to.offset, answer, now) : policies::settlement::stale;
  switch (outcome) {
    case policies::settlement::settled:
      settle(*of, to.offset, now);
      break;
    case policies::settlement::parked:
      counts_.retried.add();
      break;
    case policies::settlement::dead_letter:
      break;
    case policies::settlement::released:
      of->released(to.offset);
      break;
    case policies::settlement::stale:
      counts_.stale.add();
      break;
  }
  return outcome;
}

void subscription_work::batch_over(const replies& answer, instant now) {
  batches_.hold(now, answer, [&](std::uint64_t number, const delivery_position& one) {
    reply_to(number, one, {verdict::untouched}, now);
  });
  changed(now);
}

void subscription_work::gone(std::uint64_t number, errc why, instant now) {
  std::map<partition*, std::vector<std::int64_t>> by_partition;
  for (const auto& each : batches_.take(number)) {
    batches_.came_back(number);
    if (auto* const of = partition_of(each))
      by_partition[of].push_back(each.offset);
  }
  for (const auto& [of, offsets] : by_partition)
    of->ledger().handler_gone(offsets, now, why);
  changed(now);
}

void subscription_work::take_back_all(instant now) {
  batches_.take_back(
    [](const delivery_position&) { return true; },
    [&](std::uint64_t number, const delivery_position& one) { reply_to(number, one, {verdict::untouched}, now); });
}

void subscription_work::take_back(std::size_t index, instant now) {
  const auto theirs = [this, index](const delivery_position& each) {
    return each.partition == index && partition_of(each) != nullptr;
  };
  batches_.take_back(
    theirs, [&](std::uint64_t number, const delivery_position& one) { reply_to(number, one, {verdict::untouched}, now); });
}

void subscription_work::settle(partition& of, std::int64_t offset, instant now) {
  of.settled(offset, now);
  counts_.settled_now(of.take_published(offset));
  count_settled();
}

// Sums over all partitions.

std::uint64_t subscription_work::unfinished() const noexcept {
  std::uint64_t count = 0;
  for (const auto& each : assignments_)
    if (each.of)
      count += each.of->ledger().in_flight() + each.of->ledger().parked();
  return count;
}

std::size_t subscription_work::unsettled() const noexcept {
  std::size_t count = 0;
  for (const auto& each : assignments_)
    count += each.of ? each.of->ledger().unsettled() : 0;
  return count;
}

stall_list subscription_work::stalls() const {
  stall_list result;
  for (const auto& each : assignments_)
    if (each.of)
      note(result, each.of->ledger().stalls());
  if (batches_.paused())
    note(result, *batches_.paused());
  return result;
}

void subscription_work::update_oldest(instant now) {
  auto oldest = now;
  for (const auto& each : assignments_)
    if (each.of)
      oldest = std::min(oldest, each.of->ledger().oldest_arrival().value_or(now));
  counts_.oldest.set(std::chrono::duration<double>(now - oldest).count());
}

void subscription_work::consider_due(policies::earliest& due) const {
  due.consider(batches_.due());
  for (const auto& each : assignments_)
    if (each.of)
      due.consider(each.of->ledger().next_due());
}

} // namespace troupe::inbound
