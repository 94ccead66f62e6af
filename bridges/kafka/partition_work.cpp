#include <troupe/bridges/kafka/partition_work.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace troupe::kafka {

namespace {

constexpr std::size_t attempts_kept = 100; // as many as fit into a note

std::size_t weight_of(const message& content) noexcept {
  std::size_t result = content.payload.size() + content.id.size() + (content.key ? content.key->size() : 0) + 64;
  for (const auto& each : content.headers)
    result += each.name.size() + each.value.size();
  if (content.wire)
    for (const auto& each : content.wire->headers)
      result += each.name.size() + (each.value ? each.value->size() : 0);
  return result;
}

} // namespace

partition_work::partition_work(std::int32_t number, position from, const subscription& config)
  : partition(policies::partition_ledger{config.redelivery, from.committed.value_or(0)}),
    topic_(config.topic),
    number_(number),
    bytes_limit_(config.partition_bytes),
    span_limit_(config.redelivery.span_limit),
    commit_after_(config.commit_after),
    // A transaction ends every batch.
    least_beyond_(config.transaction ? std::int64_t{config.batch} : 2 * std::int64_t{config.batch}),
    most_beyond_(config.transaction ? least_beyond_ : std::max(least_beyond_, 2 * std::int64_t{config.commit_after})),
    suspect_end_(from.note.reach.value_or(0)),
    read_end_(from.committed.value_or(0)),
    taken_end_(read_end_),
    taken_end_before_(read_end_),
    positioned_(from.committed.has_value()),
    known_(std::move(from)) {
  if (known_.note.reach) {
    ledger().suspect_until(*known_.note.reach);
    certain_reach_ = *known_.note.reach;
  }
  std::map<std::int64_t, policies::attempt_count> noted;
  for (const auto& each : known_.note.attempts)
    noted.emplace(each.offset, each.count);
  earlier_attempts_ = policies::earlier_attempts{std::move(noted)};
}

bool partition_work::fetched(std::int64_t offset, message&& content, instant now, std::optional<waiting_retry> retry) {
  if (!std::exchange(positioned_, true))
    ledger().skipped_to(offset);
  auto count = earlier_attempts_.take(offset);
  earlier_attempts_.forget_before(offset); // not there any more
  if (retry && retry->record.letter.attempts >= count.attempts)
    count = {retry->record.letter.attempts, retry->record.answered};
  // A retry has given up the order of its key.
  if (!ledger().fetched(offset, retry ? std::nullopt : content.key, count.attempts, now, count.answered))
    return false;
  if (retry)
    ledger().park(offset, retry->due);
  else
    ledger().resume_delay(offset, now);
  if (content.published_at)
    published(offset, *content.published_at);
  read_end_ = offset + 1;
  bytes_ += weight_of(content);
  contents_.append(offset,
                   std::make_unique<const held_message>(held_message{
                     std::move(content), retry ? std::make_unique<const retry_record>(std::move(retry->record)) : nullptr}));
  return true;
}

bool partition_work::passed(std::int64_t offset) {
  if (offset < read_end_)
    return false;
  positioned_ = true;
  ledger().skipped_to(offset + 1);
  read_end_ = offset + 1;
  return true;
}

std::vector<std::int64_t> partition_work::take(std::size_t credit, instant now) {
  auto offsets = ledger().take(credit, now);
  if (credit > 0)
    starved_ = offsets.size() < credit;
  if (!offsets.empty())
    taken_end_ = std::max(taken_end_, *std::max_element(offsets.begin(), offsets.end()) + 1);
  return offsets;
}

delivery partition_work::delivery_at(std::int64_t offset) {
  const auto& held = **contents_.find(offset);
  return {held.before ? held.before->letter.from : origin{topic_, number_, offset}, held.content, ledger().attempts(offset)};
}

std::optional<timestamp> partition_work::failed_before(std::int64_t offset) const {
  const auto& before = (*contents_.find(offset))->before;
  return before ? std::optional{before->letter.first_failure} : std::nullopt;
}

void partition_work::settled(std::int64_t offset, instant /*now*/) {
  const auto* found = contents_.find(offset);
  if (found == nullptr)
    return;
  const auto weight = weight_of((*found)->content);
  bytes_ -= weight;
  if (refused_.erase(offset) > 0)
    refused_bytes_ -= weight;
  contents_.erase(offset);
}

void partition_work::refused(std::int64_t offset) {
  if (const auto* found = contents_.find(offset); found != nullptr && refused_.insert(offset).second)
    refused_bytes_ += weight_of((*found)->content);
}

// The records before the end that are not messages, such as the markers of transactions, are passed: otherwise the group's
// lag would never reach zero. It has no effect on where reading goes on, since a reader seeks to messages only.
bool partition_work::end_reached(std::int64_t offset) {
  const auto before = ledger().watermark();
  if (offset <= 0 || offset < read_end_)
    return false;
  positioned_ = true;
  ledger().skipped_to(offset);
  earlier_attempts_.forget_before(offset); // not there any more
  return ledger().watermark() > before;
}

std::size_t partition_work::ready() const noexcept {
  if (starved_ && (ledger().parked() > 0 || !refused_.empty()))
    return 0;
  return ledger().unsettled() - ledger().in_flight() - ledger().parked();
}

bool partition_work::noted(std::int64_t offset) const noexcept {
  const auto covers = [&](const commit_note& note) {
    return std::any_of(note.attempts.begin(), note.attempts.end(), [&](const policies::attempted& each) {
      return each.offset == offset && each.count.attempts > ledger().attempts(offset);
    });
  };
  return !in_doubt_ && covers(known_.note) && (!under_way_ || covers(under_way_->note));
}

std::optional<commit_entry> partition_work::collect(pressing why) {
  if (!positioned_ || (under_way_ && why != pressing::last))
    return std::nullopt;
  commit_entry next{number_, ledger().watermark(), note_now(why)};
  const bool moved = in_doubt_ || known_.committed != next.offset || known_.note.attempts != next.note.attempts;
  const bool covered = known_.note.reach.has_value() == next.note.reach.has_value()
                       && certain_reach_ >= std::min(taken_end_, next.note.reach.value_or(0));
  const bool many = next.offset - known_.committed.value_or(next.offset) >= commit_after_;
  if (why == pressing::much ? !many : !moved && covered)
    return std::nullopt;
  taken_end_before_ = taken_end_;
  certain_reach_ = std::min(certain_reach_, next.note.reach.value_or(0));
  under_way_ = next;
  return next;
}

// After a kill the deliveries within reach are handed out one at a time: the slower the work, the fewer they are.
std::int64_t partition_work::beyond() const noexcept {
  return std::clamp(2 * (taken_end_ - taken_end_before_), least_beyond_, most_beyond_);
}

commit_note partition_work::note_now(pressing why) const {
  commit_note note;
  const auto first = ledger().watermark();
  const bool in_use = why == pressing::mark || ledger().in_flight() > 0 || taken_end_ != taken_end_before_;
  if (why != pressing::last && in_use)
    note.reach = std::max(taken_end_, first) + beyond();
  if (suspect_end_ > first)
    note.reach = std::max(note.reach.value_or(0), suspect_end_);
  note.attempts = ledger().attempts_to_record(attempts_kept);
  earlier_attempts_.append_to(note.attempts, attempts_kept);
  return note;
}

void partition_work::committed() {
  if (!under_way_)
    return;
  known_ = {under_way_->offset, std::move(under_way_->note)};
  certain_reach_ = known_.note.reach.value_or(0);
  in_doubt_ = false;
  under_way_.reset();
}

void partition_work::not_committed() noexcept {
  in_doubt_ = in_doubt_ || under_way_;
  under_way_.reset();
}

} // namespace troupe::kafka
