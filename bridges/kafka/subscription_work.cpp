#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
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
  tell_numbers();
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
  leaves(partition, now); // no batch waits for a partition that is gone
  unassign(static_cast<std::size_t>(partition));
  tell_numbers();
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
    tell_numbers();
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
  rewound(partition, now);
  return true;
}

bool subscription_work::passed(std::int32_t partition, std::int64_t offset, const message& content, instant now) {
  auto* const to = reading(partition);
  if (to == nullptr)
    return false;
  changed(now);
  if (!to->pass_record(offset, content, now))
    return false;
  rewound(partition, now);
  return true;
}

bool subscription_work::leaves_out(std::int32_t partition, std::int64_t offset) const noexcept {
  const auto* const of = reading(partition);
  return of != nullptr && of->leaves_out(offset);
}

std::optional<subscription_work::range> subscription_work::removed_unread(std::int32_t partition, std::int64_t offset,
                                                                          std::int64_t low) noexcept {
  auto* const of = reading(partition);
  return of != nullptr ? of->removed_unread(offset, low) : std::nullopt;
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

std::optional<std::int64_t> subscription_work::lag(std::int32_t partition, std::int64_t end) const noexcept {
  const auto* const of = at(partition);
  return of != nullptr ? of->lag(end) : std::nullopt;
}

bool subscription_work::paused(std::int32_t partition) const noexcept {
  const auto* const of = at(partition);
  return of != nullptr && of->paused;
}

std::vector<subscription_work::place_to_read> subscription_work::next_returns(instant now) {
  std::vector<place_to_read> result;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    if (const auto lead = each.next_lead(now))
      result.push_back({partition, lead->offset});
  });
  return result;
}

// What is in flight speaks of records that are no more.
void subscription_work::rewound(std::int32_t partition, instant now) {
  take_back(static_cast<std::size_t>(partition), now);
  const bool paused = at(partition)->paused;
  std::erase_if(no_results_, [partition](const auto& each) { return each.first.first == partition; });
  gained(partition, {});
  at(partition)->paused = paused; // the client knows nothing of a new assignment
  at(partition)->begins_anew();
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
  for_each_owned([&](std::int32_t, const assignment& each) { due.consider(each.lead_due()); });
  return due.found();
}

void subscription_work::tell_numbers() {
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
