#include <troupe/bridges/embedded/subscription_work.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/policies/earliest.hpp>

namespace troupe::embedded {

subscription_work::subscription_work(subscription config, reader_name who, std::vector<lane_record> lanes,
                                     subscription_metrics& metrics)
  : config_(std::move(config)), who_(std::move(who)), metrics_(metrics) {
  for (auto& each : lanes)
    lanes_.emplace_back(std::move(each), config_);
}

void subscription_work::form_batches(instant now) {
  batches_.wake(now);
  while (!draining_ && batches_.room(config_.batches_in_flight)) {
    std::vector<item> items;
    const auto credit = batches_.credit(config_.batch);
    for (std::size_t tried = 0; tried < lanes_.size() && items.size() < credit; ++tried) {
      const auto index = take_lane_++ % lanes_.size();
      auto& from = lanes_[index];
      const auto offsets = from.take(credit - items.size(), now);
      std::vector<item> suspects;
      auto& to = from.ledger().suspect_in_flight() ? suspects : items;
      for (const auto offset : offsets)
        to.push_back({index, offset, from.take_bytes(offset)});
      if (!suspects.empty()) {
        batches_.form(std::move(items), company::any);
        batches_.form(std::move(suspects), company::alone);
        return;
      }
    }
    if (items.empty())
      return;
    batches_.form(std::move(items), company::any);
  }
  for (auto& each : lanes_)
    static_cast<void>(each.ledger().take(0, now)); // tells it the time
}

// What is gone from the file (an operator's hand, a retention that was told to discard) has nothing left to be done; what
// cannot be decoded goes the way of every permanent error.
void subscription_work::settle_unreadable(std::uint64_t number, batch& of, instant now) {
  for (const auto& each : of.items)
    if (each.bytes->has_error()) {
      const auto& why = each.bytes->error();
      reply_to(number, each, why.code == errc::not_found ? reply{} : reply{verdict::reject, why}, now);
    }
  std::erase_if(of.items, [](const item& each) { return each.bytes->has_error(); });
}

bool subscription_work::marked(const batch& what) const {
  return std::all_of(what.items.begin(), what.items.end(),
                     [this](const item& each) { return lanes_[each.lane].marked(each.offset); });
}

void subscription_work::reply_to(std::uint64_t number, const item& to, const reply& what, instant now) {
  auto& lane = lanes_[to.lane];
  batches_.came_back(number);
  if (what.what == verdict::done)
    batches_.done(number);
  switch (lane.ledger().replied(to.offset, what, now)) {
    case policies::settlement::settled:
      lane.settled(to.offset);
      break;
    case policies::settlement::parked:
      metrics_.retried.add();
      break;
    case policies::settlement::dead_letter:
      lane.give_up(to.offset);
      break;
    case policies::settlement::released:
      break;
    case policies::settlement::stale:
      metrics_.stale.add();
      break;
  }
}

std::optional<progress> subscription_work::next_write(instant now, timestamp civil_now) {
  if (writing_ || must_wait(now))
    return std::nullopt;
  std::vector<std::uint64_t> unmarked;
  for (const auto& [number, each] : batches_)
    if (each.at == stage::marking)
      unmarked.push_back(number);
  auto what = collect(unmarked.empty() ? lane_work::marking::along : lane_work::marking::asked, now, civil_now);
  if (what)
    marked_by_write_ = std::move(unmarked);
  else
    release_marked(unmarked); // written down before
  return what;
}

std::optional<progress> subscription_work::last_write(lane_work::marking mark, instant now, timestamp civil_now) {
  if (writing_ || must_wait(now))
    return std::nullopt;
  return collect(mark, now, civil_now);
}

std::optional<progress> subscription_work::collect(lane_work::marking mark, instant now, timestamp civil_now) {
  progress what;
  what.who = who_;
  lanes_in_write_.clear();
  for (std::size_t index = 0; index < lanes_.size(); ++index)
    if (lanes_[index].collect(what, mark, now, civil_now) == lane_work::collected::something)
      lanes_in_write_.push_back(index);
  if (lanes_in_write_.empty())
    return std::nullopt;
  writing_ = true;
  for (const auto& each : what.letters)
    metrics_.dead_lettered(each.why.code);
  return what;
}

std::vector<std::int64_t> subscription_work::written(const expected<void>& outcome, instant now) {
  writing_ = false;
  const auto unmarked = std::exchange(marked_by_write_, {});
  std::vector<std::int64_t> queue_offsets;
  if (outcome.has_error()) {
    metrics_.failed_writes.add();
    no_write_before_ = now + write_backoff_.next(now);
    for (const auto index : lanes_in_write_)
      lanes_[index].not_written(outcome.error(), now);
    not_written_ = stall{stall_reason::settlement, outcome.error(), not_written_ ? not_written_->since : now};
    return queue_offsets;
  }
  write_backoff_.reset();
  no_write_before_.reset();
  not_written_.reset();
  for (const auto index : lanes_in_write_) {
    auto settled = lanes_[index].written();
    metrics_.settled.add(static_cast<double>(settled.count));
    queue_offsets.insert(queue_offsets.end(), settled.queue_offsets.begin(), settled.queue_offsets.end());
  }
  release_marked(unmarked);
  std::size_t unsettled = 0;
  for (const auto& each : lanes_)
    unsettled += each.ledger().unsettled();
  metrics_.unsettled.set(static_cast<double>(unsettled));
  return queue_offsets;
}

void subscription_work::release_marked(const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers)
    if (auto* const found = batches_.find(number); found != nullptr && found->at == stage::marking)
      found->at = stage::ready;
}

std::optional<hand_out> subscription_work::next_hand_out() {
  auto next = batches_.hand_out();
  if (!next)
    return std::nullopt;
  auto& [number, chosen] = *next;
  hand_out out{number, {}};
  out.what.batch.reserve(chosen.items.size());
  for (auto& each : chosen.items) {
    auto& lane = lanes_[each.lane];
    auto& given = out.what.batch.emplace_back(
      delivery{lane.origin_of(each.offset), std::move(**each.bytes), lane.ledger().attempts(each.offset)});
    if (given.content.id.empty())
      given.content.id = id_of(given.from);
    each.bytes.reset();
  }
  metrics_.batches.add();
  metrics_.delivered.add(static_cast<double>(chosen.items.size()));
  return out;
}

void subscription_work::answered(std::uint64_t number, const replies& what, instant now) {
  const auto how = batches_.fits(number, what);
  if (how == fit::unknown)
    return metrics_.stale.add(static_cast<double>(what.each.size()));
  if (how == fit::mismatched)
    return gone(number, errc::actor_failed, now);
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i)
    reply_to(number, items[i], what.each[i], now);
  batches_.hold(now, what, [&](std::uint64_t of, const item& one) { reply_to(of, one, {verdict::untouched}, now); });
}

void subscription_work::gone(std::uint64_t number, errc why, instant now) {
  std::map<std::size_t, std::vector<std::int64_t>> by_lane;
  for (const auto& each : batches_.take(number)) {
    by_lane[each.lane].push_back(each.offset);
    batches_.came_back(number);
  }
  for (const auto& [index, offsets] : by_lane)
    lanes_[index].ledger().handler_gone(offsets, now, why);
}

void subscription_work::drain(instant now) {
  draining_ = true;
  batches_.take_back([](const item&) { return true; },
                     [&](std::uint64_t number, const item& one) { reply_to(number, one, {verdict::untouched}, now); });
}

std::uint64_t subscription_work::unfinished() const noexcept {
  std::uint64_t count = 0;
  for (const auto& each : lanes_)
    count += each.ledger().in_flight() + each.ledger().parked();
  return count;
}

stall_list subscription_work::stalls() const {
  stall_list result;
  for (const auto& each : lanes_)
    note(result, each.ledger().stalls());
  for (const auto* const each : {&batches_.paused(), &not_written_})
    if (*each)
      note(result, **each);
  return result;
}

std::optional<instant> subscription_work::next_due(instant now) const noexcept {
  policies::earliest due{now};
  due.consider(no_write_before_);
  due.consider(no_read_before_);
  due.consider(batches_.due());
  for (const auto& each : lanes_)
    due.consider(each.ledger().next_due());
  return due.found();
}

} // namespace troupe::embedded
