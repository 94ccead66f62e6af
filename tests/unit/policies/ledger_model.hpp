#pragma once

// What a partition_ledger shall do, said as naively as possible: one table of everything unsettled, searched from the
// beginning for every question.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/policies/partition_ledger.hpp>

namespace troupe_test {

class ledger_model {
public:
  enum class stage { waiting, in_flight, parked, moving, condemned, publishing };

  struct item {
    std::optional<std::string> key;
    stage at = stage::waiting;
    bool suspect = false;
    bool letter_failed = false;
    troupe::policies::attempt_count count;
    std::uint64_t batch = 0;
    troupe::instant due{};
    std::size_t number = 0; ///< how many were fetched before
  };

  ledger_model(troupe::policies::redelivery_config config, std::int64_t first, troupe::policies::source_kind kind)
    : config_(std::move(config)), kind_(kind), end_(first) {}

  std::map<std::int64_t, item> items; ///< everything unsettled
  std::int64_t suspect_end = -1'000'000;

  [[nodiscard]] std::int64_t end() const { return end_; }

  bool fetched(std::int64_t offset, const std::optional<std::string>& key, std::uint32_t attempts, troupe::instant now,
               std::uint32_t answered) {
    if (offset < end_)
      return false;
    item arrival{key};
    arrival.count = {attempts, answered};
    arrival.suspect = offset < suspect_end || arrival.count.unanswered() > 0;
    arrival.number = fetched_++;
    if (condemned_by(arrival.count)) {
      arrival.at = stage::condemned;
      arrival.due = now;
    }
    items[offset] = arrival;
    end_ = offset + 1;
    return true;
  }

  void skipped_to(std::int64_t next) { end_ = std::max(end_, next); }

  std::vector<std::int64_t> take(std::size_t credit, troupe::instant now) {
    for (auto& [offset, each] : items)
      if (each.at == stage::parked && each.due <= now)
        each.at = stage::waiting;
    std::vector<std::int64_t> batch;
    if (now < quiet_until_ || failing() || suspect_in_flight())
      return batch;
    if (credit > 0)
      ++batch_;
    for (auto& [offset, each] : items) {
      if (batch.size() == credit)
        break;
      if (each.at != stage::waiting || !all_ahead_in_batch(offset, each))
        continue;
      if (each.suspect && in_flight() > 0)
        break;
      each.at = stage::in_flight;
      each.batch = batch_;
      batch.push_back(offset);
      if (each.suspect)
        break;
    }
    return batch;
  }

  troupe::policies::settlement replied(std::int64_t offset, const troupe::reply& what, troupe::instant now) {
    using troupe::policies::settlement;
    const auto found = items.find(offset);
    if (found == items.end() || found->second.at != stage::in_flight)
      return settlement::stale;
    auto& each = found->second;
    gone_in_row_ = 0;
    switch (what.verdict) {
      case troupe::verdict::done:
        items.erase(found);
        return settlement::settled;
      case troupe::verdict::untouched:
        each.at = stage::waiting;
        return settlement::released;
      default:
        break;
    }
    ++each.count.attempts;
    ++each.count.answered;
    each.suspect = false;
    if (what.verdict == troupe::verdict::retry && each.count.answered <= config_.delays.size()) {
      each.at = stage::parked;
      each.due = now + config_.delays[each.count.answered - 1];
      return settlement::parked;
    }
    each.at = stage::publishing;
    return settlement::dead_letter;
  }

  std::vector<std::int64_t> condemned(troupe::instant now) {
    std::vector<std::int64_t> letters;
    for (auto& [offset, each] : items) {
      if (each.at == stage::condemned && each.due <= now) {
        each.at = stage::publishing;
        letters.push_back(offset);
      }
    }
    return letters;
  }

  bool letter_acknowledged(std::int64_t offset) {
    const auto found = items.find(offset);
    if (found == items.end() || found->second.at != stage::publishing)
      return false;
    items.erase(found);
    failed_in_row_ = 0;
    return true;
  }

  void letter_failed(std::int64_t offset, troupe::instant now) {
    const auto found = items.find(offset);
    if (found == items.end() || found->second.at != stage::publishing)
      return;
    found->second.at = stage::condemned;
    found->second.letter_failed = true;
    found->second.due = now + away(failed_in_row_++);
  }

  bool move_begins(std::int64_t offset) { return changes(offset, stage::parked, stage::moving); }

  bool moved(std::int64_t offset) {
    const auto found = items.find(offset);
    if (found == items.end() || found->second.at != stage::moving)
      return false;
    items.erase(found);
    return true;
  }

  void move_failed(std::int64_t offset) { changes(offset, stage::moving, stage::parked); }

  void handler_gone(const std::vector<std::int64_t>& offsets, troupe::instant now, troupe::errc why) {
    const auto together = in_flight();
    for (const auto offset : offsets) {
      const auto found = items.find(offset);
      if (found == items.end() || found->second.at != stage::in_flight)
        continue;
      auto& each = found->second;
      each.at = stage::waiting;
      if (why == troupe::errc::actor_failed) {
        each.suspect = true;
        if (together == 1)
          ++each.count.attempts;
      }
      if (condemned_by(each.count)) {
        each.at = stage::condemned;
        each.due = now;
      }
    }
    if (in_flight() < together)
      quiet_until_ = now + away(gone_in_row_++);
  }

  [[nodiscard]] std::int64_t watermark() const { return items.empty() ? end_ : items.begin()->first; }

  [[nodiscard]] std::size_t room() const {
    if (failing())
      return 0;
    const auto used = kind_ == troupe::policies::source_kind::queue ? items.size()
                      : items.empty()                               ? 0
                                                                    : fetched_ - items.begin()->second.number;
    return used < config_.span_limit ? config_.span_limit - used : 0;
  }

  [[nodiscard]] std::size_t count(stage which) const {
    return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [&](const auto& each) { return each.second.at == which; }));
  }
  [[nodiscard]] std::size_t in_flight() const { return count(stage::in_flight); }

  [[nodiscard]] std::vector<std::int64_t> all(stage which) const {
    std::vector<std::int64_t> result;
    for (const auto& [offset, each] : items)
      if (each.at == which)
        result.push_back(offset);
    return result;
  }

  [[nodiscard]] std::vector<troupe::policies::attempted> attempts_to_record() const {
    std::vector<troupe::policies::attempted> result;
    for (const auto& [offset, each] : items) {
      troupe::policies::attempted made{offset, each.count};
      if (each.at == stage::in_flight && each.suspect)
        ++made.count.attempts;
      if (made.count.attempts > 0)
        result.push_back(made);
    }
    return result;
  }

private:
  bool changes(std::int64_t offset, stage from, stage to) {
    const auto found = items.find(offset);
    if (found == items.end() || found->second.at != from)
      return false;
    found->second.at = to;
    return true;
  }

  static troupe::duration away(unsigned failures_before) {
    auto delay = std::chrono::milliseconds{100};
    while (failures_before-- > 0 && delay < std::chrono::seconds{10})
      delay *= 2;
    return std::min<troupe::duration>(delay, std::chrono::seconds{10});
  }

  [[nodiscard]] bool condemned_by(const troupe::policies::attempt_count& count) const {
    const auto unanswered = count.attempts < count.answered ? 0 : count.attempts - count.answered;
    return config_.process_ending_attempts != 0 && unanswered >= config_.process_ending_attempts;
  }

  [[nodiscard]] bool failing() const {
    return std::any_of(items.begin(), items.end(), [](const auto& each) { return each.second.letter_failed; });
  }

  [[nodiscard]] bool suspect_in_flight() const {
    return std::any_of(items.begin(), items.end(),
                       [](const auto& each) { return each.second.at == stage::in_flight && each.second.suspect; });
  }

  [[nodiscard]] bool all_ahead_in_batch(std::int64_t offset, const item& what) const {
    return !what.key || std::all_of(items.begin(), items.find(offset), [&](const auto& each) {
      return each.second.key != what.key || (each.second.at == stage::in_flight && each.second.batch == batch_);
    });
  }

  troupe::policies::redelivery_config config_;
  troupe::policies::source_kind kind_;
  std::int64_t end_;
  std::size_t fetched_ = 0;
  std::uint64_t batch_ = 0;
  troupe::instant quiet_until_ = troupe::instant::min();
  unsigned gone_in_row_ = 0;
  unsigned failed_in_row_ = 0;
};

} // namespace troupe_test
