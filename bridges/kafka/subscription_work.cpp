#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <troupe/policies/earliest.hpp>

namespace troupe::kafka {

subscription_work::subscription_work(subscription config, std::string service, subscription_metrics& metrics)
  : inbound::subscription_work({config.batch, config.batches_in_flight}, std::move(service), metrics),
    config_(std::move(config)),
    metrics_(metrics),
    commits_(config_.commit_every) {}

void subscription_work::gained(std::int32_t partition, position from) {
  assign(static_cast<std::size_t>(partition), std::make_unique<assignment>(partition, std::move(from), config_));
  update_gauges();
}

void subscription_work::leaves(std::int32_t partition, instant now) {
  leave(static_cast<std::size_t>(partition), now);
}

void subscription_work::all_leave(instant now) {
  for (const auto partition : owned())
    leaves(partition, now);
}

void subscription_work::given_up(std::int32_t partition, instant now) {
  if (at(partition) == nullptr)
    return;
  leaves(partition, now); // so that no batch waits for it
  unassign(static_cast<std::size_t>(partition));
  update_gauges();
}

std::vector<std::int32_t> subscription_work::owned() const {
  std::vector<std::int32_t> result;
  for_each_owned([&](std::int32_t partition, const assignment&) { result.push_back(partition); });
  return result;
}

bool subscription_work::wants_more() const noexcept {
  std::size_t ready = 0;
  for_each_owned([&](std::int32_t, const assignment& each) { ready += each.ready(); });
  return ready < config_.read_ahead;
}

subscription_work::flow subscription_work::next_flow() {
  flow changes;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    if (each.paused ? !each.roomy() : !each.full())
      return;
    each.paused = !each.paused;
    (each.paused ? changes.pause : changes.resume).push_back(partition);
  });
  if (!changes.pause.empty() || !changes.resume.empty())
    update_gauges();
  return changes;
}

subscription_work::assignment* subscription_work::reading(std::int32_t partition) const noexcept {
  auto* const found = at(partition);
  return found == nullptr || leaving(static_cast<std::size_t>(partition)) || found->begun_anew() ? nullptr : found;
}

bool subscription_work::fetched(std::int32_t partition, std::int64_t offset, message content, instant now,
                                std::optional<waiting_retry> retry) {
  auto* const to = reading(partition);
  if (to == nullptr || !to->take_record(offset, std::move(content), now, std::move(retry)))
    return false;
  begin_anew(partition, now);
  return true;
}

bool subscription_work::passed(std::int32_t partition, std::int64_t offset, const message& content, instant now) {
  auto* const to = reading(partition);
  if (to == nullptr)
    return false;
  changed(now);
  if (!to->pass_record(offset, content, now))
    return false;
  begin_anew(partition, now);
  return true;
}

void subscription_work::log_ends(std::int32_t partition, std::int64_t stable, std::int64_t end, instant now) {
  if (auto* const of = at(partition))
    of->log_ends(config_.sees == isolation::read_committed ? std::optional{stable} : std::nullopt, end, now);
}

void subscription_work::end_reached(std::int32_t partition, std::int64_t offset, instant now) {
  using arrivals = partition_reading::arrivals;
  auto* const of = at(partition);
  if (of != nullptr && of->at_end(offset, reading(partition) != nullptr ? arrivals::taken : arrivals::dropped))
    changed(now);
}

std::vector<subscription_work::seek> subscription_work::next_seeks(instant now) {
  std::vector<seek> result;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    if (const auto next = each.next_seek(now))
      result.push_back({partition, next->offset});
  });
  return result;
}

// The deliveries in flight are of records that do not exist any more.
void subscription_work::begin_anew(std::int32_t partition, instant now) {
  take_back(static_cast<std::size_t>(partition), now);
  const bool paused = at(partition)->paused;
  forget_before(partition, std::numeric_limits<std::int64_t>::max());
  gained(partition, {});
  at(partition)->paused = paused; // which is the client's too
  at(partition)->begins_anew();
}

bool subscription_work::settled_down() const noexcept {
  const auto leaves_with = [this](const delivery_position& which) {
    return partition_of(which) != nullptr && leaving(which.partition);
  };
  bool quiet = true;
  for_each_owned([&](std::int32_t partition, const assignment& each) {
    const auto index = static_cast<std::size_t>(partition);
    quiet = quiet && (!leaving(index) || (each.ledger().in_flight() == 0 && !publishing(index)));
  });
  return quiet && (config_.transaction || std::none_of(to_be_letters_.begin(), to_be_letters_.end(), leaves_with))
         && std::none_of(to_be_moved_.begin(), to_be_moved_.end(), leaves_with);
}

std::vector<commit_entry> subscription_work::last_commit() {
  std::vector<commit_entry> result;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    if (leaving(static_cast<std::size_t>(partition)))
      if (auto entry = each.collect(partition_work::pressing::last))
        result.push_back(std::move(*entry));
  });
  return result;
}

void subscription_work::parked(const delivery_position& which, instant /*now*/) {
  if (config_.delayed == retry_location::topic)
    to_be_moved_.push_back(which);
}

std::vector<retry_order> subscription_work::next_retries(instant now, timestamp civil_now) {
  std::vector<retry_order> result;
  for (const auto& [ticket, which] : begin_moves()) {
    const auto count = at(which)->ledger().count_of(which.offset);
    const auto delay = policies::redelivery_delay(config_.redelivery, count).value_or(duration::zero());
    result.push_back({ticket, {letter_for(which, now, civil_now), config_.group, count.answered, civil_now + delay}});
  }
  return result;
}

bool subscription_work::marked(const delivery_position& item, company wants) const noexcept {
  const auto* const of = at(item);
  return of != nullptr && of->marked(item.offset) && (wants == company::any || of->noted(item.offset));
}

void subscription_work::release_marked() {
  for (auto& [number, each] : batches_)
    if (each.at == stage::formed
        && std::all_of(each.items.begin(), each.items.end(),
                       [&, wants = each.wants](const delivery_position& one) { return marked(one, wants); }))
      each.at = stage::ready;
}

std::optional<hand_out> subscription_work::next_hand_out(instant now) {
  form_batches(now);
  release_marked();
  return hand_out_next();
}

void subscription_work::changed(instant now) {
  commits_.changed(now);
}

bool subscription_work::waits_for_mark(std::int32_t partition) const noexcept {
  return std::any_of(batches_.begin(), batches_.end(), [this, partition](const auto& each) {
    const auto& [items, stage_now, wants] = each.second;
    return stage_now == stage::formed
           && std::any_of(items.begin(), items.end(), [&, wants = wants](const delivery_position& item) {
                return item.partition == static_cast<std::size_t>(partition) && !marked(item, wants);
              });
  });
}

std::vector<commit_entry> subscription_work::next_commit(instant now) {
  form_batches(now);
  if (!committing_.empty() || !commits_.may_begin(now))
    return {};
  using pressing = partition_work::pressing;
  // Deliveries that were answered before a suspect is handed out are committed with it: if the suspect ends the process,
  // they would be suspected too.
  const bool careful = std::any_of(batches_.begin(), batches_.end(), [](const auto& each) {
    return each.second.wants == company::alone && each.second.at == stage::formed;
  });
  const bool due = careful || commits_.due(now);
  std::vector<commit_entry> result;
  for_each_owned([&](std::int32_t partition, const assignment&) {
    if (leaving(static_cast<std::size_t>(partition)))
      return;
    const auto why = waits_for_mark(partition) ? pressing::mark : due ? pressing::any : pressing::much;
    if (auto entry = begin_commit(partition, why))
      result.push_back(std::move(*entry));
  });
  if (!result.empty())
    commits_.begun(now);
  else if (due)
    commits_.nothing_to_do();
  return result;
}

std::optional<commit_entry> subscription_work::begin_commit(std::int32_t partition, partition_work::pressing why) {
  auto* const of = at(partition);
  auto entry = of != nullptr ? of->collect(why) : std::nullopt;
  if (entry)
    committing_.push_back(position_at(static_cast<std::size_t>(partition), 0));
  return entry;
}

void subscription_work::committed(const expected<void>& outcome, instant now) {
  const auto of = std::exchange(committing_, {});
  if (outcome.has_error()) {
    metrics_.failed_commits.add();
    commits_.failed(outcome.error(), now);
  } else {
    metrics_.commits.add();
    commits_.succeeded();
  }
  for (const auto& each : of)
    if (auto* const found = at(each)) {
      if (outcome.has_error()) {
        found->not_committed();
        continue;
      }
      found->committed();
      forget_before(static_cast<std::int32_t>(each.partition), found->ledger().watermark());
    }
  update_gauges();
}

stall_list subscription_work::stalls() const {
  auto result = inbound::subscription_work::stalls();
  for_each_owned([&](std::int32_t partition, const assignment& each) {
    if (auto waits = each.open_transaction(partition, config_.topic))
      note(result, std::move(*waits));
  });
  if (commits_.stalled())
    note(result, *commits_.stalled());
  return result;
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  commits_.consider(due);
  consider_due(due);
  for_each_owned([&](std::int32_t, const assignment& each) { due.consider(each.seek_due()); });
  return due.found();
}

void subscription_work::update_gauges() {
  std::size_t partitions = 0;
  std::size_t paused = 0;
  for_each_owned([&](std::int32_t, const assignment& each) {
    ++partitions;
    paused += each.paused ? 1 : 0;
  });
  metrics_.partitions.set(static_cast<double>(partitions));
  metrics_.unsettled.set(static_cast<double>(unsettled()));
  metrics_.paused.set(static_cast<double>(paused));
}

} // namespace troupe::kafka
