#include <algorithm>
#include <utility>

#include <troupe/bridges/embedded/subscription_work.hpp>

// What a subscription reads, and when.

namespace troupe::embedded {

std::optional<fetch_plan> subscription_work::next_fetch(instant now, const more_in_lane& more) {
  if (fetching_ || draining_ || (no_read_before_ && now < *no_read_before_))
    return std::nullopt;
  for (std::size_t tried = 0; tried < lanes_.size(); ++tried) {
    fetch_lane_ = (fetch_lane_ + 1) % lanes_.size();
    auto plan = plan_fetch(fetch_lane_);
    if (plan.at_most == 0 || plan.bytes == 0 || !more(plan.number, plan.from))
      continue;
    fetching_ = true;
    return plan;
  }
  return std::nullopt;
}

// Reads when half of the window has been handed out, so that a read costs a fraction of its messages; and on, as far as the
// ledger has room, while all of it waits behind parked deliveries.
fetch_plan subscription_work::plan_fetch(std::size_t lane) {
  auto& from = lanes_[lane];
  const std::size_t window = std::size_t{config_.batch} * (config_.batches_in_flight + 2);
  fetch_plan plan{lane, from.place().number, from.cursor(), 0, 0};
  if (!from.starved() && from.read_ahead() * 2 > window)
    return plan;
  const auto wanted = from.starved() ? window : window - from.read_ahead();
  plan.at_most = std::min(wanted, from.ledger().room());
  plan.bytes = room_in_memory();
  if (plan.bytes == 0 && from.starved()) {
    from.drop_bytes();
    plan.bytes = room_in_memory();
  }
  return plan;
}

std::size_t subscription_work::room_in_memory() const noexcept {
  std::size_t held = 0;
  for (const auto& each : lanes_)
    held += static_cast<std::size_t>(each.read_ahead_bytes());
  return config_.read_ahead_bytes - std::min(held, config_.read_ahead_bytes);
}

void subscription_work::fetched(const fetch_plan& plan, expected<fetched_messages> what, instant now) {
  fetching_ = false;
  if (what.has_error()) {
    no_read_before_ = now + read_backoff_.next(now);
    return;
  }
  read_backoff_.reset();
  no_read_before_.reset();
  lanes_[plan.lane].fetched(std::move(*what), now);
}

std::optional<reload_plan> subscription_work::next_reload(instant now) {
  form_batches(now);
  if (no_read_before_ && now < *no_read_before_)
    return std::nullopt;
  for (auto next = batches_.begin(); next != batches_.end();) {
    const auto at = next++;
    if (at->second.at != stage::loading)
      continue;
    if (auto plan = plan_reload(at->first, at->second))
      return plan;
    loaded(at->first, now);
  }
  return std::nullopt;
}

std::optional<reload_plan> subscription_work::plan_reload(std::uint64_t number, batch& of) {
  const auto first = std::find_if(of.items.begin(), of.items.end(), [](const item& each) { return !each.bytes; });
  if (first == of.items.end())
    return std::nullopt;
  const auto& lane = lanes_[first->lane];
  reload_plan plan{number, first->lane, lane.place().number, {}};
  for (const auto& each : of.items)
    if (each.lane == first->lane && !each.bytes)
      plan.offsets.push_back(lane.source_offset(each.offset));
  of.at = stage::reloading;
  return plan;
}

void subscription_work::reloaded(const reload_plan& plan, expected<std::vector<fetched_message>> what, instant now) {
  auto* const found = batches_.find(plan.batch);
  if (found == nullptr)
    return; // taken back by a drain
  found->at = stage::loading;
  if (what.has_error()) {
    no_read_before_ = now + read_backoff_.next(now);
    return;
  }
  read_backoff_.reset();
  for (auto& each : found->items) {
    if (each.lane != plan.lane || each.bytes)
      continue;
    const auto offset = lanes_[each.lane].source_offset(each.offset);
    const auto row = std::find_if(what->begin(), what->end(), [offset](const auto& any) { return any.offset == offset; });
    each.bytes = row == what->end() ? expected<message>{failure{errc::not_found, {}}} : std::move(row->content);
  }
}

void subscription_work::loaded(std::uint64_t number, instant now) {
  auto& of = *batches_.find(number);
  settle_unreadable(number, of, now);
  if (of.items.empty())
    batches_.erase(number);
  else
    of.at = of.wants == company::any && marked(of) ? stage::ready : stage::marking;
}

} // namespace troupe::embedded
