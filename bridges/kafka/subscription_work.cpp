#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <utility>

namespace troupe::kafka {

subscription_work::subscription_work(subscription config, std::string service, subscription_metrics& metrics)
  : config_(std::move(config)), service_(std::move(service)), metrics_(metrics) {}

subscription_work::tenure* subscription_work::at(std::int32_t partition) const noexcept {
  const auto index = static_cast<std::size_t>(partition);
  return partition >= 0 && index < tenures_.size() ? tenures_[index].get() : nullptr;
}

subscription_work::tenure* subscription_work::at(const place& where) const noexcept {
  auto* const found = at(where.partition);
  return found != nullptr && found->number == where.number ? found : nullptr;
}

void subscription_work::gained(std::int32_t partition, position from) {
  const auto index = static_cast<std::size_t>(partition);
  if (tenures_.size() <= index)
    tenures_.resize(index + 1);
  const auto number = epochs_.gained(name_of(partition));
  tenures_[index] = std::make_unique<tenure>(tenure{number, partition_work{partition, std::move(from), config_}});
  tell_numbers();
}

void subscription_work::leaves(std::int32_t partition, instant now) {
  if (auto* const going = at(partition); going != nullptr && !going->leaving) {
    going->leaving = true;
    take_back(*going, partition, now);
  }
}

void subscription_work::all_leave(instant now) {
  for (const auto partition : owned())
    leaves(partition, now);
}

bool subscription_work::settled_down() const noexcept {
  const auto going = [this](const place& where) {
    const auto* const of = at(where);
    return of != nullptr && of->leaving;
  };
  return std::none_of(tenures_.begin(), tenures_.end(),
                      [](const auto& each) { return each && each->leaving && each->work.ledger().in_flight() > 0; })
         && (config_.transaction || std::none_of(to_be_letters_.begin(), to_be_letters_.end(), going))
         && std::none_of(letters_.begin(), letters_.end(), [&going](const auto& each) { return going(each.second); });
}

std::vector<commit_entry> subscription_work::last_commit() {
  std::vector<commit_entry> result;
  for (const auto& each : tenures_)
    if (each && each->leaving)
      if (auto entry = each->work.collect(partition_work::pressing::last))
        result.push_back(std::move(*entry));
  return result;
}

void subscription_work::given_up(std::int32_t partition, instant now) {
  if (at(partition) == nullptr)
    return;
  leaves(partition, now); // no batch waits for a partition that is gone
  epochs_.given_up(name_of(partition));
  tenures_[static_cast<std::size_t>(partition)].reset();
  tell_numbers();
}

std::vector<std::int32_t> subscription_work::owned() const {
  std::vector<std::int32_t> result;
  for (std::size_t index = 0; index < tenures_.size(); ++index)
    if (tenures_[index])
      result.push_back(static_cast<std::int32_t>(index));
  return result;
}

bool subscription_work::wants_more() const noexcept {
  std::size_t ready = 0;
  for (const auto& each : tenures_)
    ready += each ? each->work.ready() : 0;
  return ready < config_.read_ahead;
}

subscription_work::flow subscription_work::next_flow() {
  flow changes;
  for (std::size_t index = 0; index < tenures_.size(); ++index) {
    auto* const each = tenures_[index].get();
    if (each == nullptr || (each->paused ? !each->work.roomy() : !each->work.full()))
      continue;
    each->paused = !each->paused;
    (each->paused ? changes.pause : changes.resume).push_back(static_cast<std::int32_t>(index));
  }
  if (!changes.pause.empty() || !changes.resume.empty())
    tell_numbers();
  return changes;
}

bool subscription_work::fetched(std::int32_t partition, std::int64_t offset, message content, instant now) {
  auto* to = at(partition);
  if (to == nullptr || to->leaving)
    return false; // whoever has the partition next reads it
  if (to->work.fetched(offset, std::move(content), now)) {
    to->astray.over();
    return false;
  }
  if (!to->astray.behind(now))
    return false;
  rewound(partition, *to, now);
  at(partition)->work.fetched(offset, std::move(content), now); // it has taken nothing yet
  return true;
}

std::vector<subscription_work::place_to_read> subscription_work::next_returns(instant now) {
  std::vector<place_to_read> result;
  for (std::size_t index = 0; index < tenures_.size(); ++index)
    if (auto* const each = tenures_[index].get(); each != nullptr && each->astray.due() && *each->astray.due() <= now) {
      result.push_back({static_cast<std::int32_t>(index), each->work.read_end()});
      each->astray.led_back(now);
    }
  return result;
}

// What is in flight speaks of records that are no more.
void subscription_work::rewound(std::int32_t partition, tenure& from, instant now) {
  take_back(from, partition, now);
  const bool paused = from.paused;
  epochs_.given_up(name_of(partition));
  gained(partition, {});
  at(partition)->paused = paused; // the client knows nothing of a new tenure
}

void subscription_work::condemned_become_letters(instant now) {
  for (std::size_t index = 0; index < tenures_.size(); ++index)
    if (auto* const each = tenures_[index].get(); each != nullptr)
      for (const auto offset : each->work.ledger().condemned(now))
        to_be_letters_.push_back({static_cast<std::int32_t>(index), each->number, offset});
}

std::vector<letter_order> subscription_work::next_letters(instant now, timestamp civil_now) {
  condemned_become_letters(now);
  std::vector<letter_order> result;
  for (const auto& each : std::exchange(to_be_letters_, {}))
    if (auto* const from = at(each)) {
      result.push_back({++last_ticket_, letter_for(each, *from, now, civil_now)});
      letters_.emplace(last_ticket_, each);
    }
  return result;
}

dead_letter subscription_work::letter_for(const place& of, tenure& from, instant now, timestamp civil_now) const {
  const auto& ledger = from.work.ledger();
  const auto& record = ledger.failures(of.offset);
  const auto civil = [&](const std::optional<instant>& when) {
    return when ? policies::civil_time(*when, now, civil_now) : civil_now;
  };
  return {from.work.content(of.offset),
          origin{config_.topic, of.partition, of.offset},
          record.why,
          ledger.attempts(of.offset),
          civil(record.first),
          civil(record.last),
          service_};
}

void subscription_work::letter_published(std::uint64_t ticket, const expected<void>& outcome, instant now) {
  const auto found = letters_.find(ticket);
  if (found == letters_.end())
    return;
  const auto where = found->second;
  letters_.erase(found);
  auto* const of = at(where);
  if (of == nullptr) {
    metrics_.stale.add();
    return;
  }
  auto& ledger = of->work.ledger();
  if (outcome.has_error()) {
    ledger.dead_letter_failed(where.offset, now);
    return;
  }
  metrics_.dead_lettered(ledger.failures(where.offset).why.code);
  ledger.dead_letter_acknowledged(where.offset);
  of->work.settled(where.offset);
  metrics_.settled.add();
  something_changed(now);
}

void subscription_work::something_changed(instant now) {
  if (!commit_due_)
    commit_due_ = now + config_.commit_every;
}

bool subscription_work::waits_for_mark(std::int32_t partition) const noexcept {
  return std::any_of(batches_.begin(), batches_.end(), [this, partition](const auto& each) {
    const auto& [items, stage_now, wants] = each.second;
    return stage_now == stage::marking && std::any_of(items.begin(), items.end(), [&, wants = wants](const place& item) {
             return item.partition == partition && !marked(item, wants);
           });
  });
}

std::vector<commit_entry> subscription_work::next_commit(instant now) {
  form_batches(now);
  if (!committing_.empty() || (no_commit_before_ && now < *no_commit_before_))
    return {};
  using pressing = partition_work::pressing;
  // What was answered before a suspect goes is committed with it: should that one end the process, the others before it
  // would look as if they had.
  const bool careful = std::any_of(batches_.begin(), batches_.end(), [](const auto& each) {
    return each.second.wants == company::alone && each.second.at == stage::marking;
  });
  const bool due = careful || (commit_due_ && now >= *commit_due_);
  std::vector<commit_entry> result;
  for (std::size_t index = 0; index < tenures_.size(); ++index) {
    auto* const each = tenures_[index].get();
    if (each == nullptr || each->leaving)
      continue;
    const auto partition = static_cast<std::int32_t>(index);
    const auto why = waits_for_mark(partition) ? pressing::mark : due ? pressing::any : pressing::much;
    if (auto entry = each->work.collect(why)) {
      committing_.push_back({partition, each->number, 0});
      result.push_back(std::move(*entry));
    }
  }
  if (!result.empty())
    commit_due_ = now + config_.commit_every;
  else if (due)
    commit_due_.reset();
  return result;
}

void subscription_work::committed(const expected<void>& outcome, instant now) {
  const auto of = std::exchange(committing_, {});
  if (outcome.has_error()) {
    metrics_.failed_commits.add();
    no_commit_before_ = now + commit_backoff_.next(now);
  } else {
    metrics_.commits.add();
    commit_backoff_.reset();
    no_commit_before_.reset();
  }
  for (const auto& each : of)
    if (auto* const found = at(each)) {
      if (outcome.has_error())
        found->work.not_committed();
      else
        found->work.committed();
    }
  tell_numbers();
}

void subscription_work::form_batches(instant now) {
  gate_.wake(now);
  const auto alone = [](const auto& each) { return each.second.wants == company::alone; };
  while (batches_.size() < config_.batches_in_flight && std::none_of(batches_.begin(), batches_.end(), alone)) {
    std::vector<place> items;
    const auto credit = gate_.admits(config_.batch);
    for (std::size_t tried = 0; tried < tenures_.size() && items.size() < credit; ++tried) {
      const auto index = turn_++ % tenures_.size();
      auto* const from = tenures_[index].get();
      if (from == nullptr || from->leaving)
        continue;
      const auto offsets = from->work.take(credit - items.size(), now);
      std::vector<place> suspects;
      auto& to = from->work.ledger().suspect_in_flight() ? suspects : items;
      for (const auto offset : offsets)
        to.push_back({static_cast<std::int32_t>(index), from->number, offset});
      if (!suspects.empty()) {
        form(std::move(items), company::any);
        form(std::move(suspects), company::alone);
        something_changed(now);
        return;
      }
    }
    if (items.empty())
      break;
    form(std::move(items), company::any);
    something_changed(now);
  }
  for (const auto& each : tenures_)
    if (each && !each->leaving)
      static_cast<void>(each->work.take(0, now)); // tells it the time
}

void subscription_work::form(std::vector<place> items, company wants) {
  if (items.empty())
    return;
  ++last_batch_;
  for (std::size_t i = 0; i < items.size(); ++i)
    gate_.handed_out(last_batch_);
  batches_.emplace(last_batch_, batch{std::move(items), stage::marking, wants});
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
  const auto next = std::find_if(batches_.begin(), batches_.end(), [this](const auto& each) { return may_go(each.second); });
  if (next == batches_.end())
    return std::nullopt;
  auto& [number, chosen] = *next;
  chosen.at = stage::handled;
  hand_out out{number, {}};
  out.what.batch.reserve(chosen.items.size());
  for (const auto& each : chosen.items) {
    const auto& work = at(each)->work;
    auto& one = out.what.batch.emplace_back();
    one.from = {config_.topic, each.partition, each.offset};
    one.content = work.content(each.offset);
    one.attempts = work.ledger().attempts(each.offset);
  }
  metrics_.batches.add();
  metrics_.delivered.add(static_cast<double>(chosen.items.size()));
  return out;
}

bool subscription_work::may_go(const batch& what) const {
  if (what.at != stage::ready)
    return false;
  return std::none_of(batches_.begin(), batches_.end(), [&what](const auto& other) {
    return other.second.at == stage::handled && (what.wants == company::alone || other.second.wants == company::alone);
  });
}

policies::settlement subscription_work::reply_to(std::uint64_t number, const place& to, const reply& what, instant now) {
  gate_.came_back(number);
  auto* const of = at(to);
  if (of == nullptr) {
    metrics_.stale.add();
    return policies::settlement::stale;
  }
  if (what.what == verdict::done)
    gate_.done(number);
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
  const auto found = batches_.find(number);
  if (found == batches_.end()) {
    metrics_.stale.add(static_cast<double>(what.each.size()));
    return;
  }
  if (what.each.size() != found->second.items.size()) {
    gone(number, errc::actor_failed, now);
    return;
  }
  for (std::size_t i = 0; i < what.each.size(); ++i)
    if (reply_to(number, found->second.items[i], what.each[i], now) == policies::settlement::dead_letter)
      to_be_letters_.push_back(found->second.items[i]);
  batches_.erase(found);
  batch_over(what, now);
}

void subscription_work::batch_over(const replies& what, instant now) {
  if (what.pause)
    gate_.hold(now + what.pause->pause, what.pause->probe, last_batch_);
  something_changed(now);
}

void subscription_work::gone(std::uint64_t number, errc why, instant now) {
  const auto found = batches_.find(number);
  if (found == batches_.end())
    return;
  std::map<std::int32_t, std::vector<std::int64_t>> by_partition;
  for (const auto& each : found->second.items) {
    gate_.came_back(number);
    if (at(each) != nullptr)
      by_partition[each.partition].push_back(each.offset);
  }
  batches_.erase(found);
  for (const auto& [partition, offsets] : by_partition)
    at(partition)->work.ledger().handler_gone(offsets, now, why);
  something_changed(now);
}

void subscription_work::take_back(tenure& from, std::int32_t partition, instant now) {
  const reply back{verdict::untouched, {errc::none, {}}};
  const auto theirs = [&](const place& each) { return each.partition == partition && each.number == from.number; };
  for (auto& [number, each] : batches_)
    if (each.at != stage::handled) {
      for (const auto& one : each.items)
        if (theirs(one))
          reply_to(number, one, back, now);
      std::erase_if(each.items, theirs);
    }
  std::erase_if(batches_, [](const auto& each) { return each.second.items.empty(); });
}

std::uint64_t subscription_work::unfinished() const noexcept {
  std::uint64_t count = 0;
  for (const auto& each : tenures_)
    if (each)
      count += each->work.ledger().in_flight() + each->work.ledger().parked();
  return count;
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  std::optional<instant> earliest;
  const auto consider = [&earliest, now](const std::optional<instant>& due) {
    if (due && *due > now && (!earliest || *due < *earliest))
      earliest = due;
  };
  consider(no_commit_before_);
  consider(commit_due_);
  consider(gate_.due());
  for (const auto& each : tenures_)
    if (each) {
      consider(each->work.ledger().next_due());
      consider(each->astray.due());
    }
  return earliest;
}

void subscription_work::tell_numbers() {
  std::size_t partitions = 0;
  std::size_t unsettled = 0;
  std::size_t paused = 0;
  for (const auto& each : tenures_)
    if (each) {
      ++partitions;
      unsettled += each->work.ledger().unsettled();
      paused += each->paused ? 1 : 0;
    }
  metrics_.partitions.set(static_cast<double>(partitions));
  metrics_.unsettled.set(static_cast<double>(unsettled));
  metrics_.paused.set(static_cast<double>(paused));
}

} // namespace troupe::kafka
