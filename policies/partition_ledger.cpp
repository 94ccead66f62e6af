#include <troupe/policies/partition_ledger.hpp>

#include <algorithm>

#include <troupe/policies/backoff.hpp>

namespace troupe::policies {

partition_ledger::partition_ledger(redelivery_config config, std::int64_t first_offset, source_kind kind)
  : config_(std::move(config)), kind_(kind), suspicion_(config_.process_ending_attempts), watermark_(first_offset) {
  // nop
}

std::size_t partition_ledger::room() const noexcept {
  if (letters_failing_ > 0)
    return 0;
  const std::size_t limit = config_.span_limit;
  return limit - std::min(limit, kind_ == source_kind::stream ? watermark_.span() : watermark_.unsettled());
}

bool partition_ledger::fetched(std::int64_t offset, const std::optional<std::string>& key, std::uint32_t attempts_before,
                               instant now, std::uint32_t answered_before) {
  if (!watermark_.fetched(offset))
    return false;
  keys_.arrived(offset, key);
  suspicion_.arrived(offset, {attempts_before, answered_before});
  entry arrival;
  arrival.arrived = now;
  if (suspicion_.condemns(offset)) {
    const auto times = std::to_string(suspicion_.count_of(offset).unanswered());
    note_failure(arrival, {errc::actor_failed, times + " attempts ended without an answer"}, now);
    condemn(offset, arrival, now);
  } else {
    arrival.candidate = candidacy::queue;
    candidates_.push_new(offset);
  }
  entries_.append(offset, std::move(arrival));
  return true;
}

void partition_ledger::park(std::int64_t offset, instant due) {
  if (auto* found = entries_.find(offset); found && found->at == stage::waiting)
    park(offset, *found, due);
}

void partition_ledger::resume_delay(std::int64_t offset, instant now) {
  const auto count = count_of(offset);
  if (const auto delay = redelivery_delay(config_, count); delay && count.unanswered() == 0)
    park(offset, now + *delay);
}

std::vector<std::int64_t> partition_ledger::take(std::size_t credit, instant now) {
  return take_while([](std::int64_t) { return true; }, credit, now);
}

std::vector<std::int64_t> partition_ledger::take_gaps(std::size_t credit, instant now) {
  const auto wanted = [this](std::int64_t offset) { return offset < settled_end_ && !suspicion_.suspects(offset); };
  return take_while(wanted, credit, now);
}

std::vector<std::int64_t> partition_ledger::take_while(const std::function<bool(std::int64_t)>& wanted, std::size_t credit,
                                                       instant now) {
  wake(now);
  std::vector<std::int64_t> batch;
  const auto most = allowance(credit);
  if (most == 0)
    return batch;
  ++batch_;
  while (batch.size() < most) {
    const auto offset = candidates_.front();
    if (!offset || !wanted(*offset))
      break;
    auto& candidate = *entries_.find(*offset);
    const auto goes = may_go(*offset, candidate);
    if (goes && !suspicion_.may_go(*offset, in_flight_))
      break; // it waits until it can go alone
    candidates_.pop();
    candidate.candidate = candidacy::none;
    if (!goes)
      continue; // named again when the one ahead of it is handed out or settled
    hand_out(*offset, candidate, now);
    batch.push_back(*offset);
    if (suspicion_.suspect_in_flight())
      break;
  }
  return batch;
}

std::vector<std::int64_t> partition_ledger::condemned(instant now) {
  auto letters = condemned_.take_due(now);
  for (const auto offset : letters)
    give_up(*entries_.find(offset), now);
  return letters;
}

settlement partition_ledger::replied(std::int64_t offset, const reply& answer, instant now) {
  if (!answer.results.empty())
    return replied(offset, {verdict::reject, {errc::unsupported, "this subscription publishes no results"}}, now);
  auto* found = entries_.find(offset);
  if (!found || found->at != stage::in_flight)
    return settlement::stale;
  come_back(offset);
  handlers_gone_ = 0;
  no_handler_.reset();
  switch (answer.verdict) {
    case verdict::done:
      settle(offset);
      return settlement::settled;
    case verdict::untouched:
      release(offset, *found);
      return settlement::released;
    case verdict::retry:
    case verdict::reject:
      break;
  }
  suspicion_.answered(offset);
  note_failure(*found, answer.why, now);
  return answer.verdict == verdict::retry ? park_or_give_up(offset, *found, now) : give_up(*found, now);
}

settlement partition_ledger::dead_letter_acknowledged(std::int64_t offset) {
  const auto* found = entries_.find(offset);
  if (!found || found->at != stage::publishing)
    return settlement::stale;
  if (found->publication == letter::failed)
    --letters_failing_;
  publications_failed_ = 0;
  settle(offset);
  return settlement::settled;
}

void partition_ledger::dead_letter_failed(std::int64_t offset, const failure& why, instant now) {
  auto* found = entries_.find(offset);
  if (!found || found->at != stage::publishing)
    return;
  if (found->publication != letter::failed)
    ++letters_failing_;
  found->publication = letter::failed;
  note_refusal(*found, why, found->when);
  condemn(offset, *found, now + backoff_delay(reconnect_backoff, publications_failed_++, 0));
}

void partition_ledger::dead_letter_refused(std::int64_t offset, const failure& why, instant now) {
  auto* found = entries_.find(offset);
  if (!found || found->at != stage::publishing)
    return;
  if (found->publication == letter::failed)
    --letters_failing_;
  publications_failed_ = 0; // where they go answers
  found->publication = letter::refused;
  note_refusal(*found, why, found->when);
  watermark_.set_apart(offset);
  condemn(offset, *found, now + refused_letter_pause);
}

bool partition_ledger::move_begins(std::int64_t offset) {
  auto* found = entries_.find(offset);
  if (!found || found->at != stage::parked)
    return false;
  parked_.remove(found->when, offset);
  found->at = stage::moving;
  ++moving_;
  return true;
}

settlement partition_ledger::moved(std::int64_t offset) {
  const auto* found = entries_.find(offset);
  if (!found || found->at != stage::moving)
    return settlement::stale;
  --moving_;
  settle(offset);
  return settlement::settled;
}

void partition_ledger::move_failed(std::int64_t offset, const failure& why, instant now) {
  auto* found = entries_.find(offset);
  if (!found || found->at != stage::moving)
    return;
  --moving_;
  note_refusal(*found, why, now);
  park(offset, *found, found->when);
}

void partition_ledger::handler_gone(std::span<const std::int64_t> offsets, instant now, errc why) {
  const auto together = in_flight_;
  for (const auto offset : offsets)
    if (auto* found = entries_.find(offset); found && found->at == stage::in_flight)
      lose(offset, *found, now, why, together);
  if (in_flight_ == together)
    return;
  quiet_until_ = now + backoff_delay(reconnect_backoff, handlers_gone_++, 0);
  no_handler_ = stall{stall_reason::handler, {why, "it is gone"}, no_handler_ ? no_handler_->since : now};
}

bool partition_ledger::is_parked(std::int64_t offset) const noexcept {
  const auto* found = entries_.find(offset);
  return found && found->at == stage::parked;
}

const failure_record& partition_ledger::failures(std::int64_t offset) const noexcept {
  static const failure_record none;
  const auto* found = entries_.find(offset);
  return found && found->record ? *found->record : none;
}

std::optional<instant> partition_ledger::oldest_arrival() const noexcept {
  return entries_.empty() ? std::nullopt : std::optional{entries_.front().arrived};
}

stall_list partition_ledger::stalls() const {
  stall_list result;
  entries_.for_each([&](std::int64_t /*offset*/, const entry& each) {
    if (auto found = stall_of(each))
      note(result, std::move(*found));
  });
  if (no_handler_)
    note(result, *no_handler_);
  return result;
}

std::optional<stall> partition_ledger::stall_of(const entry& item) {
  const auto* const record = item.record.get();
  if (record != nullptr && record->refused)
    return stall{item.at == stage::parked || item.at == stage::moving ? stall_reason::retry : stall_reason::dead_letter,
                 record->refused->why, record->refused->first};
  if (record != nullptr && record->first && item.at != stage::condemned && item.at != stage::publishing)
    return stall{stall_reason::handler, record->why, *record->first};
  if (item.at == stage::in_flight || item.at == stage::publishing)
    return stall{
      item.at == stage::in_flight ? stall_reason::handler : stall_reason::dead_letter, {errc::none, {}}, item.when};
  return std::nullopt;
}

std::optional<instant> partition_ledger::next_due() const noexcept {
  std::optional<instant> earliest;
  for (const auto& due : {parked_.next(), condemned_.next(), quiet_until_})
    if (due && (!earliest || *due < *earliest))
      earliest = due;
  return earliest;
}

void partition_ledger::wake(instant now) {
  if (quiet_until_ && now >= *quiet_until_)
    quiet_until_.reset();
  for (const auto offset : parked_.take_due(now))
    release(offset, *entries_.find(offset));
}

std::size_t partition_ledger::allowance(std::size_t credit) const noexcept {
  if (quiet_until_ || letters_failing_ > 0 || suspicion_.suspect_in_flight())
    return 0;
  return credit;
}

bool partition_ledger::may_go(std::int64_t offset, const entry& item) const noexcept {
  if (item.at != stage::waiting)
    return false;
  const auto ahead = keys_.ahead(offset);
  return !ahead || entries_.find(*ahead)->batch == batch_;
}

void partition_ledger::hand_out(std::int64_t offset, entry& item, instant now) {
  item.at = stage::in_flight;
  item.when = now;
  if (item.record)
    item.record->refused.reset();
  item.batch = batch_;
  ++in_flight_;
  suspicion_.handed_out(offset);
  name_candidate(keys_.behind(offset));
}

void partition_ledger::come_back(std::int64_t offset) noexcept {
  --in_flight_;
  suspicion_.came_back(offset);
}

void partition_ledger::release(std::int64_t offset, entry& item) {
  item.at = stage::waiting;
  name_candidate(offset);
}

void partition_ledger::name_candidate(std::optional<std::int64_t> offset) {
  if (!offset)
    return;
  auto& item = *entries_.find(*offset);
  if (item.at != stage::waiting || item.candidate == candidacy::queue)
    return;
  item.candidate = candidacy::queue;
  candidates_.push_returned(*offset);
}

void partition_ledger::note_failure(entry& item, const failure& why, instant now) {
  if (!item.record)
    item.record = std::make_unique<failure_record>(failure_record{why, now, now});
  item.record->why = why;
  item.record->last = now;
}

void partition_ledger::note_refusal(entry& item, const failure& why, instant since) {
  if (!item.record)
    item.record = std::make_unique<failure_record>();
  item.record->refused = refusal{why, item.record->refused ? item.record->refused->first : since};
}

settlement partition_ledger::park_or_give_up(std::int64_t offset, entry& item, instant now) {
  const auto delay = redelivery_delay(config_, suspicion_.count_of(offset));
  if (!delay)
    return give_up(item, now);
  park(offset, item, now + *delay);
  return settlement::parked;
}

void partition_ledger::park(std::int64_t offset, entry& item, instant due) {
  item.at = stage::parked;
  item.when = due;
  parked_.add(due, offset);
}

settlement partition_ledger::give_up(entry& item, instant now) noexcept {
  item.at = stage::publishing;
  item.when = now;
  return settlement::dead_letter;
}

void partition_ledger::condemn(std::int64_t offset, entry& item, instant due) {
  item.at = stage::condemned;
  condemned_.add(due, offset);
}

void partition_ledger::lose(std::int64_t offset, entry& item, instant now, errc why, std::size_t together) {
  come_back(offset);
  if (why == errc::actor_failed) {
    const bool alone = together == 1;
    suspicion_.handler_ended(offset, alone ? crash_suspicion::company::alone : crash_suspicion::company::with_others);
    if (alone)
      note_failure(item, {why, "its handler ended before it answered"}, now);
  }
  if (suspicion_.condemns(offset))
    condemn(offset, item, now);
  else
    release(offset, item);
}

void partition_ledger::settle(std::int64_t offset) {
  suspicion_.settled(offset);
  watermark_.settled(offset);
  settled_end_ = std::max(settled_end_, offset + 1);
  entries_.erase(offset);
  name_candidate(keys_.settled(offset));
}

} // namespace troupe::policies
