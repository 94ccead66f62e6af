#define CAF_SUITE partition_ledger_model

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/policies/partition_ledger.hpp>

#include "ledger_model.hpp"
#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::errc;
using troupe::instant;
using troupe::reply;
using troupe::verdict;
using troupe_test::agree;
using troupe_test::choices;
using troupe_test::ledger_model;

namespace {

/// One ledger beside one model: every event goes to both, and after every event both must look the same. What must hold
/// whatever the model says is watched by itself.
class pair_under_test {
public:
  explicit pair_under_test(choices& random)
    : random_(random),
      config_(some_config(random)),
      kind_(random.once_in(2) ? source_kind::stream : source_kind::queue),
      next_(random.between(-5, 5)),
      ledger_(config_, next_, kind_),
      model_(config_, next_, kind_) {
    if (random_.once_in(3)) {
      model_.suspect_end = next_ + random_.between(0, 12);
      ledger_.suspect_until(model_.suspect_end);
    }
  }

  void step() {
    now_ += random_.once_in(3) ? std::chrono::milliseconds{random_.below(200)} : 0ms;
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
        fetch();
        break;
      case 3:
      case 4:
        take(random_.below(6));
        break;
      case 5:
      case 6:
        reply_to_some();
        break;
      case 7:
        reply_to_batch();
        break;
      case 8:
        publish_letters();
        break;
      case 9:
        rare_event();
        break;
      default:
        letter_outcome(any(ledger_model::stage::publishing));
        break;
    }
    compare();
  }

  /// Everything that is unsettled gets done: the watermark reaches the end.
  void finish() {
    for (int round = 0; round < 10'000 && ledger_.unsettled() > 0; ++round) {
      for (const auto offset : ledger_.condemned(now_))
        ledger_.dead_letter_acknowledged(offset);
      for (const auto offset : model_.all(ledger_model::stage::publishing))
        ledger_.dead_letter_acknowledged(offset);
      for (const auto offset : model_.all(ledger_model::stage::moving))
        ledger_.moved(offset);
      for (const auto offset : model_.all(ledger_model::stage::in_flight))
        ledger_.replied(offset, {verdict::done, {}}, now_);
      model_.items.clear();
      const auto batch = ledger_.take(3, now_);
      for (const auto offset : batch)
        agree(ledger_.replied(offset, {verdict::done, {}}, now_), settlement::settled, "done is settled");
      if (const auto due = ledger_.next_due(); batch.empty() && due)
        now_ = std::max(now_, *due);
    }
    agree(ledger_.unsettled(), std::size_t{0}, "everything is settled in the end");
    agree(ledger_.watermark(), model_.end(), "the watermark reaches the end");
    agree(ledger_.in_flight(), std::size_t{0}, "nothing is in flight in the end");
    agree(ledger_.attempts_to_record().empty(), "nothing is left to record");
  }

private:
  static redelivery_config some_config(choices& random) {
    redelivery_config config;
    config.delays.clear();
    for (auto left = random.below(4); left > 0; --left)
      config.delays.emplace_back(std::chrono::milliseconds{random.between(1, 400)});
    config.process_ending_attempts = static_cast<std::uint32_t>(random.below(4));
    config.span_limit = static_cast<std::uint32_t>(random.between(1, 40));
    return config;
  }

  /// An offset in that stage, or one in any or none.
  std::int64_t any(ledger_model::stage which) {
    const auto all = model_.all(which);
    if (all.empty() || random_.once_in(10))
      return random_.between(model_.watermark() - 2, model_.end() + 1);
    return all[random_.below(all.size())];
  }

  void fetch() {
    if (random_.once_in(30)) {
      const auto old = random_.between(model_.end() - 10, model_.end() - 1);
      agree(ledger_.fetched(old, std::nullopt, 0, now_), false, "an offset that does not rise is refused");
      return;
    }
    if (random_.once_in(15)) {
      const auto next = model_.end() + random_.between(0, 3);
      ledger_.skipped_to(next);
      model_.skipped_to(next);
    }
    for (auto left = std::min<std::size_t>(ledger_.room(), random_.below(8)); left > 0; --left) {
      const auto offset = model_.end() + (random_.once_in(4) ? random_.between(1, 3) : 0);
      std::optional<std::string> key;
      if (!random_.once_in(4))
        key = std::string(1, static_cast<char>('a' + random_.below(5)));
      const auto attempts = random_.once_in(8) ? static_cast<std::uint32_t>(random_.below(5)) : 0;
      const auto answered = static_cast<std::uint32_t>(random_.below(attempts + 1));
      agree(ledger_.fetched(offset, key, attempts, now_, answered), model_.fetched(offset, key, attempts, now_, answered),
            "whether it is fetched");
      keys_[offset] = key;
      agree(kind_ == source_kind::queue ? ledger_.unsettled() <= config_.span_limit : true, "the bound of a queue");
    }
  }

  void take(std::size_t credit) {
    const auto batch = ledger_.take(credit, now_);
    for (const auto offset : batch) {
      agree(in_hand_.insert(offset).second, "handed out twice at once");
      agree(!settled_.contains(offset), "handed out after it was settled");
      if (const auto& key = keys_[offset])
        for (const auto& [earlier, its_key] : keys_)
          agree(earlier >= offset || its_key != key || settled_.contains(earlier) || together(batch, earlier, offset),
                "handed out before one of its key");
    }
    agree(batch.size() <= credit, "more than the credit");
    agree(batch, model_.take(credit, now_), "what is taken");
  }

  static bool together(const std::vector<std::int64_t>& batch, std::int64_t earlier, std::int64_t later) {
    const auto first = std::find(batch.begin(), batch.end(), earlier);
    return std::find(first, batch.end(), later) != batch.end();
  }

  void give_reply(std::int64_t offset, verdict what) {
    const auto before = ledger_.attempts(offset);
    const reply given{what, {errc::unavailable, "away"}};
    const auto outcome = ledger_.replied(offset, given, now_);
    agree(outcome, model_.replied(offset, given, now_), "what becomes of a reply");
    if (outcome == settlement::stale)
      return;
    in_hand_.erase(offset);
    if (outcome == settlement::settled)
      settled_.insert(offset);
    else
      agree(ledger_.attempts(offset), before + (what == verdict::untouched ? 0U : 1U), "only what was tried counts");
    if (outcome == settlement::dead_letter)
      agree(ledger_.failures(offset).last == now_ && ledger_.failures(offset).why.reason == "away", "why it failed");
  }

  void reply_to_some() {
    for (auto left = random_.below(4); left > 0; --left)
      give_reply(any(ledger_model::stage::in_flight), some_verdict());
  }

  verdict some_verdict() {
    return random_.one_of(
      {verdict::done, verdict::done, verdict::done, verdict::retry, verdict::reject, verdict::untouched});
  }

  /// As a handler does: in order, and per key untouched from the first that is not done.
  void reply_to_batch() {
    std::set<std::string> stopped;
    for (const auto offset : model_.all(ledger_model::stage::in_flight)) {
      const auto& key = keys_[offset];
      auto what = key && stopped.contains(*key) ? verdict::untouched : some_verdict();
      if (key && what != verdict::done)
        stopped.insert(*key);
      give_reply(offset, what);
    }
  }

  void publish_letters() {
    auto letters = ledger_.condemned(now_);
    std::sort(letters.begin(), letters.end());
    agree(letters, model_.condemned(now_), "which dead letters to publish");
    for (const auto offset : letters)
      agree(ledger_.failures(offset).first.has_value(), "a dead letter knows why");
  }

  void letter_outcome(std::int64_t offset) {
    if (random_.once_in(4)) {
      ledger_.dead_letter_failed(offset, {troupe::errc::unavailable, {}}, now_);
      model_.letter_failed(offset, now_);
      return;
    }
    const auto expected = model_.letter_acknowledged(offset);
    agree(ledger_.dead_letter_acknowledged(offset), expected ? settlement::settled : settlement::stale,
          "an acknowledgement");
    if (expected)
      settled_.insert(offset);
  }

  void rare_event() {
    switch (random_.below(5)) {
      case 0: {
        const auto offset = any(ledger_model::stage::parked);
        agree(ledger_.move_begins(offset), model_.move_begins(offset), "whether one may be moved");
        move_ends(any(ledger_model::stage::moving));
        break;
      }
      case 2:
      case 3:
        lose_handler();
        break;
      default:
        now_ += 300ms;
        break;
    }
  }

  void move_ends(std::int64_t offset) {
    if (random_.once_in(3)) {
      ledger_.move_failed(offset, {troupe::errc::unavailable, {}}, now_);
      model_.move_failed(offset);
      return;
    }
    const auto expected = model_.moved(offset);
    agree(ledger_.moved(offset), expected ? settlement::settled : settlement::stale, "one that was moved");
    if (expected)
      settled_.insert(offset);
  }

  void lose_handler() {
    const auto why = random_.one_of({errc::unavailable, errc::actor_failed, errc::actor_failed});
    auto lost = model_.all(ledger_model::stage::in_flight);
    if (random_.once_in(2)) {
      lost.resize(random_.below(lost.size() + 1));
      if (random_.once_in(5))
        lost.push_back(model_.end());
    }
    ledger_.handler_gone(lost, now_, why);
    model_.handler_gone(lost, now_, why);
    for (const auto offset : lost)
      in_hand_.erase(offset);
  }

  void compare() {
    agree(ledger_.watermark(), model_.watermark(), "the watermark");
    for (auto offset = checked_to_; offset < ledger_.watermark(); ++offset)
      agree(!keys_.contains(offset) || settled_.contains(offset), "the watermark passed an unsettled offset");
    checked_to_ = std::max(checked_to_, ledger_.watermark());
    agree(ledger_.unsettled(), model_.items.size(), "how many are unsettled");
    agree(ledger_.in_flight(), model_.in_flight(), "how many are in flight");
    agree(ledger_.in_flight(), in_hand_.size(), "how many are in flight outside");
    agree(ledger_.parked(), model_.count(ledger_model::stage::parked) + model_.count(ledger_model::stage::moving),
          "how many are parked");
    agree(ledger_.room(), model_.room(), "how many more may be fetched");
    agree(ledger_.wants_more(), model_.room() > 0, "whether more may be fetched");
    agree(ledger_.attempts_to_record(1000), model_.attempts_to_record(), "what is to be recorded");
    for (const auto& [offset, each] : model_.items)
      agree(ledger_.attempts(offset), each.count.attempts, "attempts");
    const auto due = ledger_.next_due();
    for (const auto& [offset, each] : model_.items)
      if (each.at == ledger_model::stage::parked || each.at == ledger_model::stage::condemned)
        agree(due && *due <= each.due, "the next due time");
  }

  choices& random_;
  redelivery_config config_;
  source_kind kind_;
  std::int64_t next_;
  partition_ledger ledger_;
  ledger_model model_;
  instant now_ = troupe_test::at(0s);
  std::map<std::int64_t, std::optional<std::string>> keys_;
  std::set<std::int64_t> in_hand_;
  std::set<std::int64_t> settled_;
  std::int64_t checked_to_ = -10;
};

} // namespace

CAF_TEST(the ledger agrees with its model after every event and everything is settled in the end) {
  const auto disagreement = troupe_test::run_sequences(4000, [](choices& random) {
    pair_under_test both{random};
    for (auto steps = random.between(20, 200); steps > 0; --steps)
      both.step();
    both.finish();
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
