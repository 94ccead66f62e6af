#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <utility>

// What a member hands out, and what comes of it.

namespace troupe::kafka {

void subscription_work::form_batches(instant now) {
  batches_.wake(now);
  while (batches_.room(config_.batches_in_flight)) {
    std::vector<place> items;
    const auto credit = batches_.credit(config_.batch);
    for (std::size_t tried = 0; tried < assignments_.size() && items.size() < credit; ++tried) {
      const auto index = turn_++ % assignments_.size();
      auto* const from = assignments_[index].get();
      if (from == nullptr || from->leaving)
        continue;
      const auto offsets = from->work.take(credit - items.size(), now);
      std::vector<place> suspects;
      auto& to = from->work.ledger().suspect_in_flight() ? suspects : items;
      for (const auto offset : offsets)
        to.push_back({static_cast<std::int32_t>(index), from->number, offset});
      if (!suspects.empty()) {
        batches_.form(std::move(items), company::any);
        batches_.form(std::move(suspects), company::alone);
        something_changed(now);
        return;
      }
    }
    if (items.empty())
      break;
    batches_.form(std::move(items), company::any);
    something_changed(now);
  }
  for (const auto& each : assignments_)
    if (each && !each->leaving)
      static_cast<void>(each->work.take(0, now)); // tells it the time
}

bool subscription_work::marked(const place& what, company wants) const noexcept {
  const auto* const of = at(what);
  return of != nullptr && of->work.marked(what.offset) && (wants == company::any || of->work.noted(what.offset));
}

void subscription_work::release_marked() {
  for (auto& [number, each] : batches_)
    if (each.at == stage::marking
        && std::all_of(each.items.begin(), each.items.end(),
                       [&, wants = each.wants](const place& one) { return marked(one, wants); }))
      each.at = stage::ready;
}

std::optional<hand_out> subscription_work::next_hand_out(instant now) {
  form_batches(now);
  release_marked();
  auto next = batches_.hand_out();
  if (!next)
    return std::nullopt;
  const auto& [number, chosen] = *next;
  hand_out out{number, {}};
  out.what.batch.reserve(chosen.items.size());
  for (const auto& each : chosen.items) {
    const auto& work = at(each)->work;
    auto& one = out.what.batch.emplace_back();
    const auto* const before = work.before(each.offset);
    one.from = before != nullptr ? before->what.from : origin{config_.topic, each.partition, each.offset};
    one.content = work.content(each.offset);
    one.attempts = work.ledger().attempts(each.offset);
  }
  metrics_.batches.add();
  metrics_.delivered.add(static_cast<double>(chosen.items.size()));
  return out;
}

policies::settlement subscription_work::reply_to(std::uint64_t number, const place& to, const reply& what, instant now) {
  batches_.came_back(number);
  auto* const of = at(to);
  if (of == nullptr) {
    metrics_.stale.add();
    return policies::settlement::stale;
  }
  if (what.what == verdict::done)
    batches_.done(number);
  const auto settlement = of->work.ledger().replied(to.offset, what, now);
  switch (settlement) {
    case policies::settlement::settled:
      of->work.settled(to.offset);
      metrics_.settled.add();
      break;
    case policies::settlement::parked:
      metrics_.retried.add();
      break;
    case policies::settlement::dead_letter:
    case policies::settlement::released:
      break;
    case policies::settlement::stale:
      metrics_.stale.add();
      break;
  }
  return settlement;
}

void subscription_work::answered(std::uint64_t number, const replies& what, instant now) {
  const auto how = batches_.fits(number, what);
  if (how == fit::unknown)
    return metrics_.stale.add(static_cast<double>(what.each.size()));
  if (how == fit::mismatched)
    return gone(number, errc::actor_failed, now);
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto settlement = reply_to(number, items[i], what.each[i], now);
    if (settlement == policies::settlement::dead_letter)
      to_be_letters_.push_back(items[i]);
    else if (settlement == policies::settlement::parked && config_.delayed == waiting_place::topic)
      to_be_retries_.push_back(items[i]);
  }
  batch_over(what, now);
}

void subscription_work::batch_over(const replies& what, instant now) {
  batches_.hold(now, what,
                [&](std::uint64_t number, const place& one) { reply_to(number, one, {verdict::untouched}, now); });
  something_changed(now);
}

void subscription_work::gone(std::uint64_t number, errc why, instant now) {
  std::map<std::int32_t, std::vector<std::int64_t>> by_partition;
  for (const auto& each : batches_.take(number)) {
    batches_.came_back(number);
    if (at(each) != nullptr)
      by_partition[each.partition].push_back(each.offset);
  }
  for (const auto& [partition, offsets] : by_partition)
    at(partition)->work.ledger().handler_gone(offsets, now, why);
  something_changed(now);
}

void subscription_work::take_back(assignment& from, std::int32_t partition, instant now) {
  const auto theirs = [&](const place& each) { return each.partition == partition && each.number == from.number; };
  batches_.take_back(theirs,
                     [&](std::uint64_t number, const place& one) { reply_to(number, one, {verdict::untouched}, now); });
}

} // namespace troupe::kafka
