#include <troupe/bridges/kafka/subscription_work.hpp>

#include <algorithm>
#include <utility>

// What a member commits and sets aside.

namespace troupe::kafka {

bool subscription_work::settled_down() const noexcept {
  const auto going = [this](const place& where) {
    const auto* const of = at(where);
    return of != nullptr && of->leaving;
  };
  return std::none_of(assignments_.begin(), assignments_.end(),
                      [](const auto& each) { return each && each->leaving && each->work.ledger().in_flight() > 0; })
         && (config_.transaction || std::none_of(to_be_letters_.begin(), to_be_letters_.end(), going))
         && std::none_of(to_be_retries_.begin(), to_be_retries_.end(), going)
         && std::none_of(letters_.begin(), letters_.end(), [&going](const auto& each) { return going(each.second.what); });
}

std::vector<commit_entry> subscription_work::last_commit() {
  std::vector<commit_entry> result;
  for (const auto& each : assignments_)
    if (each && each->leaving)
      if (auto entry = each->work.collect(partition_work::pressing::last))
        result.push_back(std::move(*entry));
  return result;
}

void subscription_work::condemned_become_letters(instant now) {
  for (std::size_t index = 0; index < assignments_.size(); ++index)
    if (auto* const each = assignments_[index].get(); each != nullptr)
      for (const auto offset : each->work.ledger().condemned(now))
        to_be_letters_.push_back({static_cast<std::int32_t>(index), each->number, offset});
}

std::vector<letter_order> subscription_work::next_letters(instant now, timestamp civil_now) {
  condemned_become_letters(now);
  std::vector<letter_order> result;
  for (const auto& each : std::exchange(to_be_letters_, {}))
    if (auto* const from = at(each)) {
      result.push_back({++last_ticket_, letter_for(each, *from, now, civil_now)});
      letters_.emplace(last_ticket_, sending{each, sending::kind::dead_letter});
    }
  return result;
}

std::vector<retry_order> subscription_work::next_retries(instant now, timestamp civil_now) {
  std::vector<retry_order> result;
  for (const auto& each : std::exchange(to_be_retries_, {}))
    if (auto* const from = at(each); from != nullptr && from->work.ledger().move_begins(each.offset)) {
      const auto count = from->work.ledger().count_of(each.offset);
      const auto delay = policies::redelivery_delay(config_.redelivery, count).value_or(duration::zero());
      result.push_back(
        {++last_ticket_, {letter_for(each, *from, now, civil_now), config_.group, count.answered, civil_now + delay}});
      letters_.emplace(last_ticket_, sending{each, sending::kind::retry});
    }
  return result;
}

dead_letter subscription_work::letter_for(const place& of, assignment& from, instant now, timestamp civil_now) const {
  const auto& ledger = from.work.ledger();
  const auto& record = ledger.failures(of.offset);
  const auto civil = [&](const std::optional<instant>& when) {
    return when ? policies::civil_time(*when, now, civil_now) : civil_now;
  };
  const auto* const before = from.work.before(of.offset);
  return {from.work.content(of.offset),
          before != nullptr ? before->what.from : origin{config_.topic, of.partition, of.offset},
          record.why,
          ledger.attempts(of.offset),
          before != nullptr ? before->what.first_failure : civil(record.first),
          civil(record.last),
          service_};
}

std::optional<origin> subscription_work::letter_published(std::uint64_t ticket, const expected<void>& outcome, instant now) {
  const auto found = letters_.find(ticket);
  if (found == letters_.end())
    return std::nullopt;
  const auto [what, as] = found->second;
  letters_.erase(found);
  auto* const of = at(what);
  if (of == nullptr) {
    metrics_.stale.add();
    return std::nullopt;
  }
  if (as == sending::kind::dead_letter)
    letter_done(what, *of, outcome, now);
  else
    retry_done(what, *of, outcome, now);
  return outcome.has_error() ? std::optional{origin{config_.topic, what.partition, what.offset}} : std::nullopt;
}

void subscription_work::letter_done(const place& what, assignment& of, const expected<void>& outcome, instant now) {
  auto& ledger = of.work.ledger();
  if (outcome.has_error() && is_transient(outcome.error().code))
    return ledger.dead_letter_failed(what.offset, outcome.error(), now);
  if (outcome.has_error()) {
    ledger.dead_letter_refused(what.offset, outcome.error(), now);
    return of.work.refused(what.offset);
  }
  metrics_.dead_lettered(ledger.failures(what.offset).why.code);
  ledger.dead_letter_acknowledged(what.offset);
  of.work.settled(what.offset);
  metrics_.settled.add();
  something_changed(now);
}

void subscription_work::retry_done(const place& what, assignment& of, const expected<void>& outcome, instant now) {
  if (outcome.has_error())
    return of.work.ledger().move_failed(what.offset, outcome.error(), now);
  of.work.ledger().moved(what.offset);
  of.work.settled(what.offset);
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
  for (std::size_t index = 0; index < assignments_.size(); ++index) {
    auto* const each = assignments_[index].get();
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
    not_committed_ = stall{stall_reason::settlement, outcome.error(), not_committed_ ? not_committed_->since : now};
    no_commit_before_ = now + commit_backoff_.next(now);
  } else {
    metrics_.commits.add();
    commit_backoff_.reset();
    not_committed_.reset();
    no_commit_before_.reset();
  }
  for (const auto& each : of)
    if (auto* const found = at(each)) {
      if (outcome.has_error()) {
        found->work.not_committed();
        continue;
      }
      found->work.committed();
      // What was set aside meanwhile may be forgotten only now: a transaction that is undone makes it come again.
      std::erase_if(no_results_, [&](const auto& one) {
        return one.first.first == each.partition && one.first.second < found->work.ledger().watermark();
      });
    }
  tell_numbers();
}

} // namespace troupe::kafka
