#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <utility>

// What a member commits, and what may be handed out when it is.

namespace troupe::kafka {

bool subscription_work::settled_down() const noexcept {
  const auto going = [this](const delivery_position& which) {
    return partition_of(which) != nullptr && leaving(which.partition);
  };
  bool quiet = true;
  for_each_owned([&](std::int32_t partition, const assignment& each) {
    const auto index = static_cast<std::size_t>(partition);
    quiet = quiet && (!leaving(index) || (each.ledger().in_flight() == 0 && !publishing(index)));
  });
  return quiet && (config_.transaction || std::none_of(to_be_letters_.begin(), to_be_letters_.end(), going))
         && std::none_of(to_be_moved_.begin(), to_be_moved_.end(), going);
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
  if (config_.delayed == waiting_place::topic)
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

bool subscription_work::marked(const delivery_position& what, company wants) const noexcept {
  const auto* const of = at(what);
  return of != nullptr && of->marked(what.offset) && (wants == company::any || of->noted(what.offset));
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
  // What was answered before a suspect goes is committed with it: should that one end the process, the others before it
  // would look as if they had.
  const bool careful = std::any_of(batches_.begin(), batches_.end(), [](const auto& each) {
    return each.second.wants == company::alone && each.second.at == stage::formed;
  });
  const bool due = careful || commits_.due(now);
  std::vector<commit_entry> result;
  for_each_owned([&](std::int32_t partition, assignment& each) {
    const auto index = static_cast<std::size_t>(partition);
    if (leaving(index))
      return;
    const auto why = waits_for_mark(partition) ? pressing::mark : due ? pressing::any : pressing::much;
    if (auto entry = each.collect(why)) {
      committing_.push_back(position_at(index, 0));
      result.push_back(std::move(*entry));
    }
  });
  if (!result.empty())
    commits_.begun(now);
  else if (due)
    commits_.nothing_to_do();
  return result;
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
      // What was set aside meanwhile may be forgotten only now: a transaction that is undone makes it come again.
      std::erase_if(no_results_, [&](const auto& one) {
        return static_cast<std::size_t>(one.first.first) == each.partition && one.first.second < found->ledger().watermark();
      });
    }
  tell_numbers();
}

} // namespace troupe::kafka
