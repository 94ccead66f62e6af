#include <troupe/bridges/embedded/subscription_work.hpp>

#include <algorithm>
#include <utility>

#include <troupe/policies/earliest.hpp>

namespace troupe::embedded {

subscription_work::subscription_work(subscription config, reader_name reader, std::vector<partition_record> partitions,
                                     subscription_metrics& metrics)
  : inbound::subscription_work({config.batch, config.batches_in_flight}, reader.service, metrics),
    config_(std::move(config)),
    reader_(std::move(reader)),
    metrics_(metrics) {
  for (std::size_t index = 0; index < partitions.size(); ++index)
    assign(index, std::make_unique<partition_work>(std::move(partitions[index]), config_));
}

// A message that is gone from the file (by an operator, or by a retention that drops unread messages) is settled; one that
// cannot be decoded is a permanent error.
void subscription_work::settle_unreadable(std::uint64_t number, batch& of, instant now) {
  std::erase_if(of.items, [&](const delivery_position& each) {
    const auto& content = *work_of(each).read(each.offset);
    if (content.has_value())
      return false;
    const auto why = content.error();
    if (reply_to(number, each, why.code == errc::not_found ? reply{} : reply{verdict::reject, why}, now)
        == policies::settlement::dead_letter)
      rejected(each);
    return true;
  });
}

bool subscription_work::marked(const batch& one) const {
  return std::all_of(one.items.begin(), one.items.end(),
                     [this](const delivery_position& each) { return work_of(each).marked(each.offset); });
}

std::optional<progress> subscription_work::next_write(instant now, timestamp civil_now) {
  if (writing_ || must_wait(now))
    return std::nullopt;
  std::vector<std::uint64_t> unmarked;
  for (const auto& [number, each] : batches_)
    if (each.at == stage::unmarked)
      unmarked.push_back(number);
  auto next = collect(unmarked.empty() ? partition_work::marking::along : partition_work::marking::asked, now, civil_now);
  if (next)
    marked_by_write_ = std::move(unmarked);
  else
    release_marked(unmarked); // written before
  return next;
}

std::optional<progress> subscription_work::last_write(partition_work::marking mark, instant now, timestamp civil_now) {
  if (writing_ || must_wait(now))
    return std::nullopt;
  return collect(mark, now, civil_now);
}

std::optional<progress> subscription_work::collect(partition_work::marking mark, instant now, timestamp civil_now) {
  progress next;
  next.reader = reader_;
  written_partitions_.clear();
  for (std::size_t index = 0; index < partition_count(); ++index)
    if (work_at(index).collect(next, mark, now, civil_now) == partition_work::collected::something)
      written_partitions_.push_back(index);
  if (written_partitions_.empty())
    return std::nullopt;
  writing_ = true;
  for (const auto& each : next.letters)
    metrics_.dead_lettered(each.why.code);
  return next;
}

std::vector<std::int64_t> subscription_work::written(const expected<void>& outcome, instant now) {
  writing_ = false;
  const auto unmarked = std::exchange(marked_by_write_, {});
  std::vector<std::int64_t> queue_offsets;
  if (outcome.has_error()) {
    metrics_.failed_writes.add();
    no_write_before_ = now + write_backoff_.next(now);
    for (const auto index : written_partitions_)
      work_at(index).not_written(outcome.error(), now);
    not_written_ = stall{stall_reason::settlement, outcome.error(), not_written_ ? not_written_->since : now};
    return queue_offsets;
  }
  write_backoff_.reset();
  no_write_before_.reset();
  not_written_.reset();
  for (const auto index : written_partitions_) {
    auto settled = work_at(index).written();
    metrics_.settled.add(static_cast<double>(settled.published.size()));
    for (const auto& each : settled.published)
      metrics_.settled_now(each);
    queue_offsets.insert(queue_offsets.end(), settled.queue_offsets.begin(), settled.queue_offsets.end());
  }
  release_marked(unmarked);
  metrics_.unsettled.set(static_cast<double>(unsettled()));
  return queue_offsets;
}

void subscription_work::release_marked(const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers)
    if (auto* const found = batches_.find(number); found != nullptr && found->at == stage::unmarked)
      found->at = stage::ready;
}

void subscription_work::drain(instant now) {
  draining_ = true;
  take_back_all(now);
}

std::size_t subscription_work::lag(const std::function<std::int64_t(std::int64_t partition_id)>& end_of) const {
  auto result = unsettled();
  for (std::size_t index = 0; index < partition_count(); ++index)
    result +=
      static_cast<std::size_t>(std::max<std::int64_t>(end_of(work_at(index).stored().id) - work_at(index).cursor(), 0));
  return result;
}

stall_list subscription_work::stalls() const {
  auto result = inbound::subscription_work::stalls();
  if (not_written_)
    note(result, *not_written_);
  return result;
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  due.consider(no_write_before_);
  due.consider(no_read_before_);
  consider_due(due);
  return due.found();
}

} // namespace troupe::embedded
