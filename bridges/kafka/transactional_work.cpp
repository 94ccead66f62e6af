#include <troupe/bridges/kafka/transactional_work.hpp>

#include <utility>

namespace troupe::kafka {

std::optional<transaction> transactional_work::concluded(std::uint64_t number, replies answer, instant now,
                                                         timestamp civil_now) {
  if (batches_.fits(number, answer) != fit::complete) {
    answered(number, answer, now);
    return std::nullopt;
  }
  transaction made;
  std::set<std::int32_t> settled;
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& one = items[i];
    auto given = effective(one, std::move(answer.each[i]));
    auto results = std::exchange(given.results, {});
    const auto outcome = reply_to(number, one, given, now);
    if (outcome == policies::settlement::dead_letter)
      bury(one, now, civil_now, made);
    if (outcome == policies::settlement::dead_letter || outcome == policies::settlement::settled)
      settled.insert(static_cast<std::int32_t>(one.partition));
    for (auto& each : results)
      if (outcome == policies::settlement::settled)
        made.results.push_back({{config_.topic, static_cast<std::int32_t>(one.partition), one.offset}, std::move(each)});
  }
  batch_over(answer, now);
  return with_offsets(std::move(made), settled);
}

bool transactional_work::is_first(const delivery_position& which) const noexcept {
  const auto* const of = at(which);
  return of != nullptr && of->ledger().watermark() == which.offset;
}

reply transactional_work::effective(const delivery_position& of, reply answer) {
  if (!is_first(of))
    return {verdict::untouched};
  if (const auto known = condemned_.find({static_cast<std::int32_t>(of.partition), of.offset}); known != condemned_.end())
    return {verdict::reject, known->second};
  return answer;
}

void transactional_work::condemn(const origin& which, failure why) {
  condemned_.insert_or_assign({which.partition, which.offset}, std::move(why));
}

std::optional<transaction> transactional_work::next_burial(instant now, timestamp civil_now) {
  list_condemned(now);
  transaction made;
  std::set<std::int32_t> settled;
  std::erase_if(to_be_letters_, [&](const delivery_position& each) {
    const auto* const of = at(each);
    if (of == nullptr)
      return true;
    if (!is_first(each))
      return false; // its turn comes when those before it are settled
    bury(each, now, civil_now, made);
    settled.insert(static_cast<std::int32_t>(each.partition));
    return true;
  });
  return with_offsets(std::move(made), settled);
}

void transactional_work::bury(const delivery_position& which, instant now, timestamp civil_now, transaction& into) {
  into.letters.push_back(letter_for(which, now, civil_now));
  auto& from = *at(which);
  from.ledger().dead_letter_acknowledged(which.offset);
  settle(from, which.offset, now);
}

// The offsets also mark the next batch as handed out.
std::optional<transaction> transactional_work::with_offsets(transaction made, const std::set<std::int32_t>& settled) {
  for (const auto partition : settled)
    if (auto entry = begin_commit(partition, partition_work::pressing::mark))
      made.offsets.push_back(std::move(*entry));
  return made.offsets.empty() ? std::nullopt : std::optional{std::move(made)};
}

void transactional_work::forget_before(std::int32_t partition, std::int64_t offset) {
  condemned_.erase(condemned_.lower_bound({partition, 0}), condemned_.lower_bound({partition, offset}));
}

} // namespace troupe::kafka
