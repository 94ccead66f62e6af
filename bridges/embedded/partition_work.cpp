#include <troupe/bridges/embedded/partition_work.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/embedded/codec.hpp>

namespace troupe::embedded {

namespace {

constexpr std::size_t attempts_kept = 1000; // beyond, the latest answered ones start anew after a restart

policies::partition_ledger new_ledger(const partition_record& from, const subscription& config) {
  const auto queue = config.from.kind == destination_kind::queue;
  policies::partition_ledger ledger{config.redelivery, queue ? 0 : from.committed,
                                    queue ? policies::source_kind::queue : policies::source_kind::stream};
  if (!queue)
    ledger.suspect_until(from.suspect_until);
  return ledger;
}

} // namespace

partition_work::partition_work(partition_record from, const subscription& config)
  : partition(new_ledger(from, config)),
    source_(config.from.name),
    kind_(config.from.kind),
    stored_(from.partition),
    suspect_until_(from.suspect_until),
    cursor_(from.committed),
    fetched_end_(from.committed),
    settled_ahead_(std::move(from.settled_ahead)),
    earlier_attempts_(from.attempts),
    recorded_(std::move(from.attempts)) {
  written_.partition_id = stored_.id;
  written_.committed = from.committed;
  earlier_attempts_.forget_before(from.committed); // settled: to be forgotten
}

void partition_work::fetched(fetched_messages found, instant now) {
  for (auto& each : found.messages) {
    if (settled_ahead_.contains(each.offset))
      continue;
    const auto offset = kind_ == destination_kind::stream ? each.offset : next_local_;
    if (kind_ == destination_kind::queue && each.offset < suspect_until_)
      ledger().suspect_until(offset + 1);
    const auto before = earlier_attempts_.take(each.offset);
    const auto& content = each.content;
    if (!ledger().fetched(offset, content.has_value() ? content->key : std::nullopt, before.attempts, now, before.answered))
      continue;
    ledger().resume_delay(offset, now);
    if (content.has_value() && content->published_at)
      published(offset, *content->published_at);
    if (kind_ == destination_kind::queue)
      queue_offsets_[next_local_++] = each.offset;
    bytes_held_ += content.has_value() ? weight_of(*content) : 0;
    bytes_.append(offset, std::move(each.content));
    fetched_end_ = std::max(fetched_end_, each.offset + 1);
  }
  if (kind_ == destination_kind::queue)
    return;
  cursor_ = std::max(cursor_, found.next);
  ledger().skipped_to(cursor_);
}

std::int64_t partition_work::source_offset(std::int64_t offset) const {
  return kind_ == destination_kind::stream ? offset : queue_offsets_.at(offset);
}

std::vector<std::int64_t> partition_work::take(std::size_t credit, instant now) {
  auto offsets = ledger().take(credit, now);
  if (credit > 0)
    starved_ = offsets.size() < credit;
  for (const auto offset : offsets)
    keep_bytes(offset);
  return offsets;
}

void partition_work::keep_bytes(std::int64_t offset) {
  auto* found = bytes_.find(offset);
  if (found == nullptr)
    return;
  bytes_held_ -= found->has_value() ? weight_of(**found) : 0;
  taken_.insert_or_assign(offset, std::move(*found));
  bytes_.erase(offset);
}

const expected<message>* partition_work::read(std::int64_t offset) const noexcept {
  const auto found = taken_.find(offset);
  return found == taken_.end() ? nullptr : &found->second;
}

delivery partition_work::delivery_at(std::int64_t offset) {
  delivery result{origin_of(offset), std::move(*taken_.extract(offset).mapped()), ledger().attempts(offset)};
  if (result.content.id.empty())
    result.content.id = id_of(result.from);
  return result;
}

void partition_work::drop_bytes() {
  bytes_ = {};
  bytes_held_ = 0;
}

void partition_work::give_up(std::int64_t offset) {
  taken_.erase(offset);
  letters_.push_back(offset);
}

void partition_work::settled(std::int64_t offset, instant /*now*/) {
  taken_.erase(offset);
  settled_since_.push_back(take_published(offset));
  if (auto node = queue_offsets_.extract(offset))
    done_.push_back(node.mapped());
}

partition_work::collected partition_work::collect(progress& into, marking mark, instant now, timestamp civil_now) {
  for (const auto offset : ledger().condemned(now))
    letters_.push_back(offset);
  partition_progress next;
  next.partition_id = stored_.id;
  next.suspect_until = suspect_until_;
  next.committed = kind_ == destination_kind::stream ? ledger().watermark() : 0;
  next.handed_out = std::max(fetched_end_, written_.handed_out);
  if (mark == marking::cleared) {
    next.handed_out = next.committed; // zero for a queue
    next.handed_out_mark = partition_progress::mark::set;
  }
  collect_attempts(next);
  if (!differs(next, mark))
    return collected::nothing;
  if (!settled_ahead_.empty() && *settled_ahead_.begin() < next.committed)
    next.settled_ahead = partition_progress::ahead::forget;
  if (next.committed != written_.committed || !done_.empty() || !letters_.empty())
    into.needs = sqlite::durability::synced;
  collect_letters(into, now, civil_now);
  next.done = std::exchange(done_, {});
  under_way_ = under_way{next, recorded_, std::exchange(letters_, {}), std::exchange(settled_since_, {})};
  for (const auto& each : next.attempts)
    under_way_->recorded[each.offset] = each.count;
  for (const auto each : next.attempts_to_forget)
    under_way_->recorded.erase(each);
  into.partitions.push_back(std::move(next));
  return collected::something;
}

void partition_work::collect_attempts(partition_progress& into) {
  const auto now = ledger().attempts_to_record(attempts_kept);
  if (now.empty() && recorded_.empty())
    return;
  std::set<std::int64_t> still;
  for (const auto& each : now) {
    const auto offset = source_offset(each.offset);
    still.insert(offset);
    const auto known = recorded_.find(offset);
    if (known == recorded_.end() || known->second != each.count)
      into.attempts.push_back({offset, each.count});
  }
  for (const auto& each : recorded_)
    if (!still.contains(each.first) && !earlier_attempts_.contains(each.first))
      into.attempts_to_forget.push_back(each.first);
}

void partition_work::collect_letters(progress& into, instant now, timestamp civil_now) const {
  for (const auto offset : letters_) {
    const auto& record = ledger().failures(offset);
    const auto first = record.first ? policies::civil_time(*record.first, now, civil_now) : civil_now;
    const auto last = record.last ? policies::civil_time(*record.last, now, civil_now) : civil_now;
    into.letters.push_back({origin_of(offset), stored_.id, record.why, ledger().attempts(offset), first, last});
  }
}

bool partition_work::differs(const partition_progress& next, marking mark) const noexcept {
  if (mark != marking::along && next.handed_out != written_.handed_out)
    return true;
  return next.committed != written_.committed || !done_.empty() || !letters_.empty() || !next.attempts.empty()
         || !next.attempts_to_forget.empty();
}

partition_work::settlements partition_work::written() {
  auto done = std::move(*std::exchange(under_way_, std::nullopt));
  recorded_ = std::move(done.recorded);
  written_.committed = done.position.committed;
  written_.handed_out = done.position.handed_out;
  settlements result{std::move(done.settled), std::move(done.position.done)};
  for (const auto offset : done.letters) {
    if (kind_ == destination_kind::stream)
      settled_ahead_.insert(offset);
    else if (auto node = queue_offsets_.extract(offset))
      result.queue_offsets.push_back(node.mapped());
    result.published.push_back(take_published(offset));
    ledger().dead_letter_acknowledged(offset);
  }
  if (done.position.settled_ahead == partition_progress::ahead::forget)
    settled_ahead_.erase(settled_ahead_.begin(), settled_ahead_.lower_bound(done.position.committed));
  return result;
}

void partition_work::not_written(const failure& why, instant now) {
  auto failed = std::move(*std::exchange(under_way_, std::nullopt));
  done_.insert(done_.begin(), failed.position.done.begin(), failed.position.done.end());
  settled_since_.insert(settled_since_.begin(), failed.settled.begin(), failed.settled.end());
  for (const auto offset : failed.letters)
    ledger().dead_letter_failed(offset, why, now);
}

} // namespace troupe::embedded
