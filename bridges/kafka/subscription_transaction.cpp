#include <algorithm>
#include <utility>

#include <troupe/bridges/kafka/subscription_work.hpp>

// What a member decides where settlements are transactions.

namespace troupe::kafka {

std::optional<transaction> subscription_work::concluded(std::uint64_t number, replies what, instant now,
                                                        timestamp civil_now) {
  if (batches_.fits(number, what) != fit::complete) {
    answered(number, what, now);
    return std::nullopt;
  }
  transaction made;
  std::set<std::int32_t> settled;
  const auto items = batches_.take(number);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& one = items[i];
    auto answer = as_told(one, std::move(what.each[i]));
    auto results = std::exchange(answer.results, {});
    const auto outcome = reply_to(number, one, answer, now);
    if (outcome == policies::settlement::dead_letter)
      bury(one, now, civil_now, made);
    if (outcome == policies::settlement::dead_letter || outcome == policies::settlement::settled)
      settled.insert(static_cast<std::int32_t>(one.partition));
    for (auto& each : results)
      if (outcome == policies::settlement::settled)
        made.results.push_back({{config_.topic, static_cast<std::int32_t>(one.partition), one.offset}, std::move(each)});
  }
  batch_over(what, now);
  return with_offsets(std::move(made), settled);
}

bool subscription_work::is_first(const delivery_position& what) const noexcept {
  const auto* const of = at(what);
  return of != nullptr && of->ledger().watermark() == what.offset;
}

reply subscription_work::as_told(const delivery_position& of, reply what) {
  if (!is_first(of))
    return {verdict::untouched};
  if (const auto known = no_results_.find({static_cast<std::int32_t>(of.partition), of.offset}); known != no_results_.end())
    return {verdict::reject, known->second};
  return what;
}

void subscription_work::condemn(const origin& which, failure why) {
  no_results_.insert_or_assign({which.partition, which.offset}, std::move(why));
}

std::optional<transaction> subscription_work::next_burial(instant now, timestamp civil_now) {
  list_condemned(now);
  transaction made;
  std::set<std::int32_t> settled;
  std::erase_if(to_be_letters_, [&](const delivery_position& each) {
    auto* const of = at(each);
    if (of != nullptr && !is_first(each))
      return false; // its turn comes when those before it are settled
    if (of == nullptr)
      return true;
    bury(each, now, civil_now, made);
    settled.insert(static_cast<std::int32_t>(each.partition));
    return true;
  });
  return with_offsets(std::move(made), settled);
}

void subscription_work::bury(const delivery_position& which, instant now, timestamp civil_now, transaction& into) {
  into.letters.push_back(letter_for(which, now, civil_now));
  auto& from = *at(which);
  from.ledger().dead_letter_acknowledged(which.offset);
  settle(from, which.offset, now);
}

// The next batch is marked along with this one's end.
std::optional<transaction> subscription_work::with_offsets(transaction what, const std::set<std::int32_t>& settled) {
  for (const auto partition : settled)
    if (auto* const each = at(partition))
      if (auto entry = each->collect(partition_work::pressing::mark)) {
        committing_.push_back(position_at(static_cast<std::size_t>(partition), 0));
        what.offsets.push_back(std::move(*entry));
      }
  return what.offsets.empty() ? std::nullopt : std::optional{std::move(what)};
}

} // namespace troupe::kafka
