#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include <troupe/policies/earliest.hpp>

namespace troupe::kafka {

namespace {

// Tells a record from another one in its place. The end of a payload is enough of it beside the id.
std::size_t print_of(const message& what) noexcept {
  constexpr std::size_t enough = 64;
  const std::string_view payload{what.payload};
  const std::hash<std::string_view> hash;
  return hash(what.id) ^ (hash(payload.substr(payload.size() - std::min(payload.size(), enough))) * 31) ^ payload.size();
}

} // namespace

subscription_work::subscription_work(subscription config, std::string service, subscription_metrics& metrics)
  : inbound::subscription_work({config.batch, config.batches_in_flight}, std::move(service), metrics),
    config_(std::move(config)),
    metrics_(metrics) {}

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
  return found == nullptr || leaving(static_cast<std::size_t>(partition)) || found->begun_anew ? nullptr : found;
}

// `take` gives it to the partition's work, and tells whether that was new.
template <class Take>
bool subscription_work::arrived(std::int32_t partition, std::int64_t offset, std::size_t print, instant now,
                                const Take& take) {
  auto* const to = reading(partition);
  if (to == nullptr)
    return false;
  if (take(*to)) {
    to->latest = print;
    to->recovery.over();
    return false;
  }
  const bool in_its_place = to->recovery.under_way() && to->latest && offset + 1 == to->read_end();
  if (in_its_place && print == to->latest) {
    to->recovery.over();
    return false;
  }
  if (!in_its_place && !to->recovery.behind(now))
    return false;
  rewound(partition, *to, now);
  at(partition)->begun_anew = true;
  return true;
}

bool subscription_work::fetched(std::int32_t partition, std::int64_t offset, message content, instant now,
                                std::optional<waiting_retry> retry) {
  return arrived(partition, offset, print_of(content), now,
                 [&](partition_work& work) { return work.fetched(offset, std::move(content), now, std::move(retry)); });
}

bool subscription_work::passed(std::int32_t partition, std::int64_t offset, const message& content, instant now) {
  return arrived(partition, offset, print_of(content), now, [&](partition_work& work) {
    changed(now);
    return work.passed(offset);
  });
}

bool subscription_work::leaves_out(std::int32_t partition, std::int64_t offset) const noexcept {
  const auto* const of = reading(partition);
  return of != nullptr && of->placed() && offset > std::max(of->read_end(), of->told_removed);
}

// A client whose position is no more goes on where the log begins, and so has not come from within it.
std::optional<subscription_work::range> subscription_work::removed_unread(std::int32_t partition, std::int64_t offset,
                                                                          std::int64_t low) noexcept {
  if (!leaves_out(partition, offset))
    return std::nullopt;
  auto& of = *at(partition);
  const auto from = std::max(of.read_end(), of.told_removed);
  if (low <= from || low > offset)
    return std::nullopt;
  of.told_removed = low;
  return range{from, low};
}

void subscription_work::log_ends(std::int32_t partition, std::int64_t stable, std::int64_t end, instant now) {
  auto* const of = at(partition);
  if (of == nullptr)
    return;
  if (config_.sees != isolation::read_committed || stable < 0 || stable >= end)
    of->open.reset();
  else if (of->open && of->open->stable == stable)
    of->open->end = end;
  else
    of->open = assignment::open_end{stable, end, now};
}

void subscription_work::end_reached(std::int32_t partition, std::int64_t offset, instant now) {
  auto* const of = at(partition);
  if (of == nullptr)
    return;
  of->seen_end = offset;
  if (reading(partition) == nullptr || of->recovery.under_way())
    return; // what was dropped on the way there is read again
  if (of->end_reached(offset))
    changed(now);
}

std::optional<std::int64_t> subscription_work::lag(std::int32_t partition, std::int64_t end) const noexcept {
  const auto* const of = at(partition);
  if (of == nullptr)
    return std::nullopt;
  const auto next = std::max(of->seen_end, of->read_end());
  if (next == 0 && end > 0)
    return std::nullopt;
  return std::max<std::int64_t>(0, end - next) + static_cast<std::int64_t>(of->ledger().unsettled());
}

bool subscription_work::paused(std::int32_t partition) const noexcept {
  const auto* const of = at(partition);
  return of != nullptr && of->paused;
}

std::vector<subscription_work::place_to_read> subscription_work::next_returns(instant now) {
  std::vector<place_to_read> result;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    if (std::exchange(each.begun_anew, false)) {
      result.push_back({partition, std::nullopt});
    } else if (each.recovery.due() && *each.recovery.due() <= now) {
      result.push_back({partition, each.read_end() - (each.latest ? 1 : 0)});
      each.recovery.led_back(now);
    }
  });
  return result;
}

// What is in flight speaks of records that are no more.
void subscription_work::rewound(std::int32_t partition, const assignment& from, instant now) {
  take_back(static_cast<std::size_t>(partition), now);
  const bool paused = from.paused;
  std::erase_if(no_results_, [partition](const auto& each) { return each.first.first == partition; });
  gained(partition, {});
  at(partition)->paused = paused; // the client knows nothing of a new assignment
}

stall_list subscription_work::stalls() const {
  auto result = inbound::subscription_work::stalls();
  for_each_owned([&](std::int32_t partition, const assignment& each) {
    if (auto waits = open_transaction(partition, each))
      note(result, std::move(*waits));
  });
  if (not_committed_)
    note(result, *not_committed_);
  return result;
}

// Whoever has read everything before it waits for its end.
std::optional<stall> subscription_work::open_transaction(std::int32_t partition, const assignment& of) const {
  if (!of.open || of.paused || std::max(of.seen_end, of.read_end()) < of.open->stable)
    return std::nullopt;
  return stall{stall_reason::transaction,
               {errc::unavailable, "offset " + std::to_string(of.open->stable) + " of partition " + std::to_string(partition)
                                     + " of " + config_.topic + ", where the log ends at " + std::to_string(of.open->end)},
               of.open->since};
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  due.consider(no_commit_before_);
  due.consider(commit_due_);
  consider_due(due);
  for_each_owned([&](std::int32_t, const assignment& each) { due.consider(each.recovery.due()); });
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
