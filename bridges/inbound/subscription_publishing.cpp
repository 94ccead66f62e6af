#include <algorithm>
#include <utility>

#include <troupe/bridges/inbound/subscription_work.hpp>

// What a subscription publishes: dead letters and delayed retries.

namespace troupe::inbound {

void subscription_work::list_condemned(instant now) {
  for (std::size_t index = 0; index < assignments_.size(); ++index)
    if (auto* const each = partition_at(index))
      for (const auto offset : each->ledger().condemned(now))
        to_be_letters_.push_back(position_at(index, offset));
}

std::vector<letter_order> subscription_work::next_letters(instant now, timestamp civil_now) {
  list_condemned(now);
  std::vector<letter_order> result;
  for (const auto& each : std::exchange(to_be_letters_, {}))
    if (partition_of(each) != nullptr) {
      result.push_back({++last_ticket_, letter_for(each, now, civil_now)});
      publishing_.emplace(last_ticket_, publication{each, publication::kind::dead_letter});
    }
  return result;
}

dead_letter subscription_work::letter_for(const delivery_position& which, instant now, timestamp civil_now) const {
  auto& of = *partition_of(which);
  const auto& record = of.ledger().failures(which.offset);
  const auto civil = [&](const std::optional<instant>& when) {
    return when ? policies::civil_time(*when, now, civil_now) : civil_now;
  };
  auto one = of.delivery_at(which.offset);
  const auto before = of.failed_before(which.offset);
  return {std::move(one.content),
          std::move(one.from),
          record.why,
          one.attempts,
          before ? *before : civil(record.first),
          civil(record.last),
          service_};
}

std::vector<subscription_work::move> subscription_work::begin_moves() {
  std::vector<move> result;
  for (const auto& each : std::exchange(to_be_moved_, {}))
    if (auto* const from = partition_of(each); from != nullptr && from->ledger().move_begins(each.offset)) {
      result.push_back({++last_ticket_, each});
      publishing_.emplace(last_ticket_, publication{each, publication::kind::retry});
      ++moving_;
    }
  return result;
}

bool subscription_work::publishing(std::size_t index) const noexcept {
  return std::any_of(publishing_.begin(), publishing_.end(), [&](const auto& each) {
    return each.second.which.partition == index && partition_of(each.second.which) != nullptr;
  });
}

std::optional<delivery_position> subscription_work::published(std::uint64_t ticket, const expected<void>& outcome,
                                                              instant now) {
  const auto node = publishing_.extract(ticket);
  if (!node)
    return std::nullopt;
  const auto& [which, as] = node.mapped();
  if (as == publication::kind::retry)
    --moving_;
  auto* const of = partition_of(which);
  if (of == nullptr) {
    counts_.stale.add();
    return std::nullopt;
  }
  if (as == publication::kind::dead_letter)
    letter_ended(which, *of, outcome, now);
  else
    retry_ended(which, *of, outcome, now);
  return outcome.has_error() ? std::optional{which} : std::nullopt;
}

void subscription_work::letter_ended(const delivery_position& which, partition& of, const expected<void>& outcome,
                                     instant now) {
  auto& ledger = of.ledger();
  if (outcome.has_error() && never_taken(outcome.error())) {
    ledger.dead_letter_refused(which.offset, outcome.error(), now);
    return of.refused(which.offset);
  }
  if (outcome.has_error())
    return ledger.dead_letter_failed(which.offset, outcome.error(), now);
  counts_.dead_lettered(ledger.failures(which.offset).why.code);
  ledger.dead_letter_acknowledged(which.offset);
  settle(of, which.offset, now);
  changed(now);
}

void subscription_work::retry_ended(const delivery_position& which, partition& of, const expected<void>& outcome,
                                    instant now) {
  if (outcome.has_error()) {
    of.ledger().move_failed(which.offset, outcome.error(), now);
    return move_ended(which, outcome, now);
  }
  of.ledger().moved(which.offset);
  settle(of, which.offset, now);
  move_ended(which, outcome, now);
  changed(now);
}

} // namespace troupe::inbound
