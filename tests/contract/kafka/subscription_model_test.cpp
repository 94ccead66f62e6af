#define CAF_SUITE kafka_subscription_model
#include <troupe_test/suite.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include <troupe/bridges/kafka/subscription_work.hpp>

#include "../../unit/policies/sequences.hpp"
#include "../recording_observer.hpp"

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;
using troupe_test::agree;
using troupe_test::choices;

namespace {

// What brokers keep of a partition, and what has become of its messages anywhere.
struct log_of_partition {
  std::map<std::int64_t, std::optional<std::string>> records; ///< keys by offset; with holes
  std::int64_t end = 0;
  position group;                 ///< what is committed
  std::int64_t earlier_reach = 0; ///< the reach that its present owner has found
  std::set<std::int64_t> effected;

  [[nodiscard]] bool all_effected_below(std::int64_t offset) const {
    return std::all_of(records.begin(), records.lower_bound(offset),
                       [this](const auto& each) { return effected.contains(each.first); });
  }
};

using logs = std::vector<log_of_partition>;

struct shared_parts {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "topic", "group"};
};

subscription some_config(choices& random) {
  subscription made;
  made.topic = "topic";
  made.group = "group";
  made.batch = static_cast<std::uint32_t>(random.between(1, 5));
  made.batches_in_flight = static_cast<std::uint32_t>(random.between(1, 3));
  made.read_ahead = made.batch + static_cast<std::uint32_t>(random.between(0, 10));
  made.commit_after = static_cast<std::uint32_t>(random.between(1, 8));
  made.commit_every = std::chrono::milliseconds{random.between(1, 300)};
  made.redelivery.span_limit = static_cast<std::uint32_t>(random.between(1, 30));
  made.redelivery.process_ending_attempts = static_cast<std::uint32_t>(random.between(2, 4));
  made.redelivery.delays.clear();
  for (auto left = random.below(3); left > 0; --left)
    made.redelivery.delays.emplace_back(std::chrono::milliseconds{random.between(1, 400)});
  made.delayed = random.one_of({retry_location::assignment, retry_location::topic});
  return made;
}

// A process that is a member of the group: the decisions under test, with what the thread and the handler around them hold.
class simulated_member {
public:
  simulated_member(const subscription& config, shared_parts& parts, logs& of, choices& random)
    : config_(config), parts_(parts), logs_(of), random_(random), work_(begin()) {}

  [[nodiscard]] bool owns(std::int32_t partition) const { return next_.contains(partition); }
  [[nodiscard]] const std::map<std::int32_t, std::int64_t>& owned() const { return next_; }

  void gain(std::int32_t partition) {
    auto& log = logs_[static_cast<std::size_t>(partition)];
    const auto& from = log.group;
    log.earlier_reach = from.note.reach.value_or(0);
    work_->gained(partition, from);
    next_[partition] = from.committed.value_or(0);
    suspects_end_[partition] = from.note.reach.value_or(0);
  }

  // Revoked: what is in hand is answered or not, and the rest is as the member does it.
  void give_up(std::int32_t partition, instant now) {
    end_commit(now, random_.once_in(4));
    work_->leaves(partition, now);
    for (int left = 20; left > 0 && !work_->settled_down() && !random_.once_in(10); --left) {
      answer_some(now);
      order_letters(now);
      publish_some(now);
    }
    for (const auto& entry : work_->last_commit())
      if (entry.partition == partition && !random_.once_in(8))
        apply(entry);
    forget(partition, now);
  }

  void give_up_all(instant now) {
    end_commit(now, false);
    work_->all_leave(now);
    while (!work_->settled_down()) {
      answer_some(now);
      order_letters(now);
      publish_some(now);
    }
    for (const auto& entry : work_->last_commit())
      apply(entry);
    while (!next_.empty())
      forget(next_.begin()->first, now);
  }

  // Another member has it already.
  void lose(std::int32_t partition, instant now) {
    fenced_ = true; // what is under way will be refused
    forget(partition, now);
  }

  void crash() {
    work_ = begin();
    next_.clear();
    suspects_end_.clear();
    answered_.clear();
    paused_.clear();
    in_hand_.clear();
    letters_.clear();
    committing_.clear();
    fenced_ = false;
  }

  void fetch(instant now) {
    for (auto& [partition, next] : next_) {
      if (paused_.contains(partition) || !work_->wants_more())
        continue;
      const auto& log = logs_[static_cast<std::size_t>(partition)];
      auto found = log.records.lower_bound(next);
      for (auto left = random_.between(0, 6); left > 0 && found != log.records.end(); --left, ++found) {
        message made;
        made.key = found->second;
        work_->fetched(partition, found->first, std::move(made), now);
        next = found->first + 1;
      }
    }
  }

  void act(instant now) {
    order_letters(now);
    if (auto entries = work_->next_commit(now); !entries.empty()) {
      agree(committing_.empty(), "one commit is under way at a time");
      for (const auto& each : entries)
        check(each);
      committing_ = std::move(entries);
    }
    while (auto out = work_->next_hand_out(now)) {
      check(*out);
      in_hand_.push_back(std::move(*out));
    }
    const auto changes = work_->next_flow();
    for (const auto each : changes.pause)
      agree(paused_.insert(each).second, "it did not pause before");
    for (const auto each : changes.resume)
      agree(paused_.erase(each) == 1, "it paused before");
  }

  void end_commit(instant now, bool failing) {
    if (committing_.empty())
      return;
    const bool refused = fenced_ || (failing && random_.once_in(2));
    if (!refused)
      for (const auto& each : committing_)
        if (owns(each.partition))
          apply(each);
    committing_.clear();
    fenced_ = false;
    if (refused || failing) // done, but nobody heard of it
      work_->committed(failure{errc::unavailable, "away"}, now);
    else
      work_->committed({}, now);
  }

  void answer_some(instant now, bool troubled = true) {
    if (in_hand_.empty())
      return;
    const auto which = static_cast<std::ptrdiff_t>(random_.below(in_hand_.size()));
    const auto out = std::move(in_hand_[static_cast<std::size_t>(which)]);
    in_hand_.erase(in_hand_.begin() + which);
    for (const auto& each : out.request.batch)
      answered_.insert({each.from.partition, each.from.offset});
    if (troubled && random_.once_in(8)) {
      work_->gone(out.batch, random_.one_of({errc::actor_failed, errc::overloaded, errc::deadline_exceeded}), now);
      return;
    }
    work_->answered(out.batch, replies_to(out, troubled), now);
  }

  void publish_some(instant now, bool troubled = true) {
    if (letters_.empty())
      return;
    const auto which = static_cast<std::ptrdiff_t>(random_.below(letters_.size()));
    const auto letter = letters_[static_cast<std::size_t>(which)];
    letters_.erase(letters_.begin() + which);
    if (troubled && random_.once_in(3)) {
      work_->published(letter.ticket, failure{errc::unavailable, "away"}, now);
      return;
    }
    effect(letter.from); // of a retry: it is in another's hands
    work_->published(letter.ticket, {}, now);
  }

  [[nodiscard]] std::optional<instant> next_due(instant now) const { return work_->next_due(now); }
  [[nodiscard]] bool has_work() const { return !in_hand_.empty() || !letters_.empty() || !committing_.empty(); }

private:
  std::unique_ptr<subscription_work> begin() const {
    return std::make_unique<subscription_work>(config_, "service", parts_.metrics);
  }

  void forget(std::int32_t partition, instant now) {
    work_->given_up(partition, now);
    next_.erase(partition);
    paused_.erase(partition);
    std::erase_if(answered_, [partition](const auto& each) { return each.first == partition; });
  }

  void order_letters(instant now) {
    for (const auto& each : work_->next_letters(now, timestamp{1h}))
      letters_.push_back({each.ticket, each.letter.from});
    for (const auto& each : work_->next_retries(now, timestamp{1h})) {
      agree(config_.delayed == retry_location::topic, "retries wait in the assignment");
      letters_.push_back({each.ticket, each.record.letter.from});
    }
  }

  void effect(const origin& of) { logs_[static_cast<std::size_t>(of.partition)].effected.insert(of.offset); }

  void apply(const commit_entry& entry) {
    check(entry);
    const auto read = decode_note(encode(entry.note, entry.offset), entry.offset);
    agree(read.has_value() && *read == entry.note, "a note comes back as it was");
    logs_[static_cast<std::size_t>(entry.partition)].group = {entry.offset, entry.note};
  }

  void check(const commit_entry& entry) const {
    agree(logs_[static_cast<std::size_t>(entry.partition)].all_effected_below(entry.offset),
          "a commit passes what is not settled");
    agree(!entry.note.reach || *entry.note.reach >= entry.offset, "what may be handed out ends behind the commit");
  }

  void check(const hand_out& out) {
    agree(!out.request.batch.empty() && out.request.batch.size() <= config_.batch, "the size of a batch");
    agree(in_hand_.size() < config_.batches_in_flight, "how many batches are in flight");
    std::map<std::pair<std::int32_t, std::string>, std::int64_t> before;
    for (const auto& each : out.request.batch) {
      agree(owns(each.from.partition), "handed out of a partition that is not ours");
      check(each, out, before);
    }
  }

  void check(const delivery& each, const hand_out& in,
             std::map<std::pair<std::int32_t, std::string>, std::int64_t>& before) const {
    const auto& log = logs_[static_cast<std::size_t>(each.from.partition)];
    const auto& note = log.group.note;
    agree(note.reach && each.from.offset < *note.reach, "handed out without a mark");
    if (each.from.offset < suspects_end_.at(each.from.partition)
        && !answered_.contains({each.from.partition, each.from.offset})) {
      agree(in.request.batch.size() == 1 && in_hand_.empty(), "a suspect goes alone");
      agree(
        std::any_of(note.attempts.begin(), note.attempts.end(),
                    [&](const auto& one) { return one.offset == each.from.offset && one.count.attempts > each.attempts; }),
        "a suspect's attempt is committed first");
    }
    if (!each.content.key)
      return;
    auto& last = before[{each.from.partition, *each.content.key}];
    for (auto earlier = log.records.lower_bound(last); earlier != log.records.end() && earlier->first < each.from.offset;
         ++earlier)
      agree(earlier->second != each.content.key || log.effected.contains(earlier->first),
            "one overtakes another of its key");
    last = each.from.offset + 1;
  }

  replies replies_to(const hand_out& out, bool troubled) {
    replies answer;
    std::set<std::string> stopped;
    for (const auto& each : out.request.batch) {
      reply one;
      if (each.content.key && stopped.contains(*each.content.key))
        one.verdict = verdict::untouched;
      else if (troubled && random_.once_in(5))
        one = {random_.one_of({verdict::retry, verdict::reject, verdict::untouched}), {errc::unavailable, "away"}};
      if (one.verdict == verdict::done)
        effect(each.from);
      else if (each.content.key)
        stopped.insert(*each.content.key);
      answer.each.push_back(std::move(one));
    }
    if (troubled && random_.once_in(12))
      answer.pause = hold{std::chrono::milliseconds{random_.between(1, 200)}, static_cast<std::uint32_t>(random_.below(3))};
    return answer;
  }

  const subscription& config_;
  shared_parts& parts_;
  logs& logs_;
  choices& random_;
  std::unique_ptr<subscription_work> work_;
  std::map<std::int32_t, std::int64_t> next_; ///< to read, of each partition that is ours
  std::map<std::int32_t, std::int64_t> suspects_end_;
  std::set<std::pair<std::int32_t, std::int64_t>> answered_;
  std::set<std::int32_t> paused_;
  std::vector<hand_out> in_hand_;
  struct outgoing {
    std::uint64_t ticket = 0;
    origin from;
  };
  std::vector<outgoing> letters_; ///< dead letters and retries
  std::vector<commit_entry> committing_;
  bool fenced_ = false;
};

class simulated_group {
public:
  simulated_group(shared_parts& parts, choices& random)
    : random_(random), config_(some_config(random)), logs_(static_cast<std::size_t>(random.between(1, 4))) {
    for (auto count = random.between(1, 3); count > 0; --count)
      members_.push_back(std::make_unique<simulated_member>(config_, parts, logs_, random));
    deal_out();
  }

  void step() {
    now_ += random_.once_in(3) ? std::chrono::milliseconds{random_.below(150)} : 0ms;
    auto& one = *members_[random_.below(members_.size())];
    switch (random_.below(16)) {
      case 0:
      case 1:
        append();
        break;
      case 2:
      case 3:
        one.fetch(now_);
        break;
      case 4:
      case 5:
      case 6:
        one.answer_some(now_);
        break;
      case 7:
        one.publish_some(now_);
        break;
      case 8:
      case 9:
        one.end_commit(now_, random_.once_in(6));
        break;
      case 10:
        if (random_.once_in(4))
          rebalance(one);
        break;
      case 11:
        if (random_.once_in(10)) {
          one.crash();
          deal_out();
        }
        break;
      default:
        one.act(now_);
        break;
    }
  }

  // All trouble is over: everything is done, committed, and nothing is marked any more.
  void finish() {
    for (int round = 0; round < 20'000 && !finished(); ++round) {
      bool moved = false;
      for (const auto& each : members_) {
        each->fetch(now_);
        each->act(now_);
        moved = moved || each->has_work();
        each->answer_some(now_, false);
        each->publish_some(now_, false);
        each->end_commit(now_, false);
      }
      if (!moved)
        wait();
    }
    agree(finished(), "everything is settled and committed in the end");
    for (const auto& each : members_)
      each->give_up_all(now_);
    for (const auto& each : logs_) {
      agree(each.group.note.attempts.empty(), "no attempts are left in the end");
      agree(!each.group.note.reach || *each.group.note.reach <= each.earlier_reach, "nothing of ours is marked in the end");
    }
  }

private:
  void append() {
    auto& log = logs_[random_.below(logs_.size())];
    for (auto left = random_.between(1, 8); left > 0; --left) {
      if (random_.once_in(6))
        log.end += random_.between(1, 3); // markers of a transaction
      log.records[log.end++] = random_.once_in(3) ? std::nullopt : std::optional{"key-" + std::to_string(random_.below(3))};
    }
  }

  // To anybody what nobody has.
  void deal_out() {
    for (std::int32_t partition = 0; partition < static_cast<std::int32_t>(logs_.size()); ++partition)
      if (std::none_of(members_.begin(), members_.end(), [=](const auto& each) { return each->owns(partition); }))
        members_[random_.below(members_.size())]->gain(partition);
  }

  void rebalance(simulated_member& from) {
    if (from.owned().empty())
      return;
    const auto partition = from.owned().begin()->first;
    if (random_.once_in(3))
      from.lose(partition, now_);
    else
      from.give_up(partition, now_);
    deal_out();
  }

  void wait() {
    std::optional<instant> earliest;
    for (const auto& each : members_)
      if (const auto due = each->next_due(now_); due && (!earliest || *due < *earliest))
        earliest = due;
    now_ = earliest.value_or(now_ + 1ms);
  }

  [[nodiscard]] bool finished() const {
    return std::all_of(logs_.begin(), logs_.end(), [](const log_of_partition& each) {
      return each.records.empty()
             || (each.group.committed.value_or(0) > each.records.rbegin()->first
                 && each.effected.size() == each.records.size());
    });
  }

  choices& random_;
  const subscription config_;
  logs logs_;
  std::vector<std::unique_ptr<simulated_member>> members_;
  instant now_ = troupe_test::at(0s);
};

} // namespace

CAF_TEST(whatever happens to members of a group nothing is committed that is not settled and everything is in the end) {
  shared_parts parts;
  const auto broken = troupe_test::run_sequences(3000, [&parts](choices& random) {
    simulated_group group{parts, random};
    for (auto steps = random.between(50, 400); steps > 0; --steps)
      group.step();
    group.finish();
  });
  CAF_CHECK_EQUAL(broken, "");
}
