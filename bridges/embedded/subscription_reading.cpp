#include <algorithm>
#include <utility>

#include <troupe/bridges/embedded/subscription_work.hpp>

// How a subscription reads.

namespace troupe::embedded {

std::optional<fetch_plan> subscription_work::next_fetch(instant now, const more_in_partition& more) {
  if (fetching_ || draining_ || (no_read_before_ && now < *no_read_before_))
    return std::nullopt;
  for (std::size_t tried = 0; tried < partition_count(); ++tried) {
    fetch_index_ = (fetch_index_ + 1) % partition_count();
    auto plan = plan_fetch(fetch_index_);
    if (plan.at_most == 0 || plan.bytes == 0 || !more(plan.partition_id, plan.from))
      continue;
    fetching_ = true;
    return plan;
  }
  return std::nullopt;
}

// Reads when half of the window has been handed out, so that a read costs a fraction of its messages; and on, as far as the
// ledger has room, while all of it waits behind parked deliveries.
fetch_plan subscription_work::plan_fetch(std::size_t index) {
  auto& from = work_at(index);
  const std::size_t window = std::size_t{config_.batch} * (config_.batches_in_flight + 2);
  fetch_plan plan{index, from.stored().id, from.cursor(), 0, 0};
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
  for (std::size_t index = 0; index < partition_count(); ++index)
    held += static_cast<std::size_t>(work_at(index).read_ahead_bytes());
  return config_.read_ahead_bytes - std::min(held, config_.read_ahead_bytes);
}

void subscription_work::fetched(const fetch_plan& plan, expected<fetched_messages> found, instant now) {
  fetching_ = false;
  if (found.has_error()) {
    no_read_before_ = now + read_backoff_.next(now);
    return;
  }
  read_backoff_.reset();
  no_read_before_.reset();
  work_at(plan.index).fetched(std::move(*found), now);
}

std::optional<reload_plan> subscription_work::next_reload(instant now) {
  draining_ ? set_time(now) : form_batches(now);
  if (no_read_before_ && now < *no_read_before_)
    return std::nullopt;
  for (auto next = batches_.begin(); next != batches_.end();) {
    const auto at = next++;
    if (at->second.at != stage::formed)
      continue;
    if (auto plan = plan_reload(at->first, at->second))
      return plan;
    loaded(at->first, now);
  }
  return std::nullopt;
}

std::optional<reload_plan> subscription_work::plan_reload(std::uint64_t number, batch& of) {
  const auto unread = [this](const delivery_position& each) { return work_of(each).read(each.offset) == nullptr; };
  const auto first = std::find_if(of.items.begin(), of.items.end(), unread);
  if (first == of.items.end())
    return std::nullopt;
  const auto& partition = work_of(*first);
  reload_plan plan{number, first->partition, partition.stored().id, {}};
  for (const auto& each : of.items)
    if (each.partition == first->partition && unread(each))
      plan.offsets.push_back(partition.source_offset(each.offset));
  of.at = stage::reading;
  return plan;
}

void subscription_work::reloaded(const reload_plan& plan, expected<std::vector<fetched_message>> found, instant now) {
  auto* const of = batches_.find(plan.batch);
  if (of == nullptr)
    return; // taken back by a drain
  of->at = stage::formed;
  if (found.has_error()) {
    no_read_before_ = now + read_backoff_.next(now);
    return;
  }
  read_backoff_.reset();
  auto& partition = work_at(plan.index);
  for (const auto& each : of->items) {
    if (each.partition != plan.index || partition.read(each.offset) != nullptr)
      continue;
    const auto offset = partition.source_offset(each.offset);
    const auto row = std::find_if(found->begin(), found->end(), [offset](const auto& any) { return any.offset == offset; });
    partition.reloaded(each.offset,
                       row == found->end() ? expected<message>{failure{errc::not_found, {}}} : std::move(row->content));
  }
}

void subscription_work::loaded(std::uint64_t number, instant now) {
  auto& of = *batches_.find(number);
  settle_unreadable(number, of, now);
  if (of.items.empty())
    batches_.erase(number);
  else
    of.at = of.wants == company::any && marked(of) ? stage::ready : stage::unmarked;
}

} // namespace troupe::embedded
