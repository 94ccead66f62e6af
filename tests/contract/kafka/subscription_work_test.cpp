#define CAF_SUITE kafka_subscription_work
#include <troupe_test/suite.hpp>

#include <algorithm>

#include <troupe/bridges/kafka/subscription_work.hpp>

#include "../recording_observer.hpp"

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;

namespace {

using offsets = std::vector<std::int64_t>;

const failure away{errc::unavailable, "away"};

// Drives the decisions by hand: no client, no actors, and time that only the test moves.
struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "topic", "group"};
  subscription with;
  instant now{1h};
  timestamp civil{1h};
  std::optional<subscription_work> work;

  fixture() {
    with.topic = "topic";
    with.group = "group";
    with.batch = 4;
    with.redelivery.delays = {10s};
  }

  void begin(std::int32_t partitions = 1, const position& from = {0, {}}) {
    work.emplace(with, "service", metrics);
    for (std::int32_t each = 0; each < partitions; ++each)
      work->gained(each, from);
  }

  void fetch(std::int32_t partition, std::int64_t offset, const std::string& key = {}, std::size_t size = 0) {
    message made;
    made.id = "id-" + std::to_string(offset);
    if (!key.empty())
      made.key = key;
    made.payload.assign(size, 'x');
    work->fetched(partition, offset, std::move(made), now);
  }

  void fetch_all(std::int32_t partition, std::int64_t from, std::int64_t to) {
    for (; from < to; ++from)
      fetch(partition, from);
  }

  std::vector<commit_entry> commit() {
    auto entries = work->next_commit(now);
    if (!entries.empty())
      work->committed({}, now);
    return entries;
  }

  // The next batch, when what it needs is committed.
  std::optional<hand_out> next() {
    commit();
    return work->next_hand_out(now);
  }

  hand_out require_next() {
    auto out = next();
    CAF_REQUIRE(out.has_value());
    return std::move(*out);
  }

  static offsets offsets_of(const hand_out& what) {
    offsets result;
    for (const auto& each : what.what.batch)
      result.push_back(each.from.offset);
    return result;
  }

  void answer(const hand_out& what, verdict how = verdict::done) {
    replies all;
    all.each.resize(what.what.batch.size(), {how, away});
    work->answered(what.batch, all, now);
  }

  double counted(const std::string& what) { return watcher->value("troupe_kafka_" + what + "_total"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(subscription_work_tests, fixture)

CAF_TEST(nothing is handed out before it is committed how far the handing out may go) {
  begin();
  fetch_all(0, 0, 3);
  CAF_CHECK(!work->next_hand_out(now));
  const auto mark = work->next_commit(now);
  CAF_REQUIRE_EQUAL(mark.size(), 1u);
  CAF_CHECK_EQUAL(mark.front().offset, 0);
  CAF_CHECK(mark.front().note.reach == 3 + 2 * with.batch);
  CAF_CHECK(!work->next_hand_out(now));
  CAF_CHECK(work->next_commit(now).empty());
  work->committed({}, now);
  CAF_CHECK((offsets_of(*work->next_hand_out(now)) == offsets{0, 1, 2}));
}

CAF_TEST(a delivery tells where it came from and what it holds) {
  begin();
  fetch(0, 7, "key");
  const auto out = require_next();
  CAF_REQUIRE_EQUAL(out.what.batch.size(), 1u);
  const auto& only = out.what.batch.front();
  CAF_CHECK((only.from == origin{"topic", 0, 7}));
  CAF_CHECK_EQUAL(only.content.id, "id-7");
  CAF_CHECK_EQUAL(only.attempts, 0u);
  CAF_CHECK_EQUAL(counted("delivered"), 1);
  CAF_CHECK_EQUAL(counted("batches"), 1);
}

CAF_TEST(a mark that could not be committed is committed again after a pause that grows) {
  begin();
  fetch(0, 0);
  auto pause = duration::zero();
  for (int times = 0; times < 4; ++times) {
    CAF_REQUIRE(!work->next_commit(now).empty());
    work->committed(away, now);
    CAF_CHECK(!work->next_hand_out(now));
    CAF_CHECK(work->next_commit(now).empty());
    const auto due = work->next_due(now);
    CAF_REQUIRE(due.has_value());
    CAF_CHECK(*due - now > pause);
    pause = *due - now;
    now = *due;
  }
  CAF_CHECK(next().has_value());
  CAF_CHECK_EQUAL(counted("failed_commits"), 4);
  CAF_CHECK_EQUAL(counted("commits"), 1);
}

CAF_TEST(as many batches are handed out as may be in flight and no larger than told) {
  begin();
  fetch_all(0, 0, 20);
  CAF_CHECK((offsets_of(require_next()) == offsets{0, 1, 2, 3}));
  const auto second = require_next();
  CAF_CHECK((offsets_of(second) == offsets{4, 5, 6, 7}));
  CAF_CHECK(!next());
  answer(second);
  CAF_CHECK((offsets_of(require_next()) == offsets{8, 9, 10, 11}));
}

CAF_TEST(partitions take turns and share a batch) {
  begin(3);
  for (std::int32_t partition = 0; partition < 3; ++partition)
    fetch_all(partition, 0, 3);
  const auto first = require_next();
  const auto second = require_next();
  CAF_CHECK_EQUAL(first.what.batch.size(), 4u);
  CAF_CHECK_EQUAL(second.what.batch.size(), 4u);
  std::set<std::int32_t> seen;
  for (const auto* each : {&first, &second})
    for (const auto& one : each->what.batch)
      seen.insert(one.from.partition);
  CAF_CHECK_EQUAL(seen.size(), 3u);
}

CAF_TEST(what is settled is committed after a second) {
  begin();
  fetch_all(0, 0, 3);
  answer(require_next());
  CAF_CHECK(work->next_commit(now).empty());
  CAF_CHECK(work->next_due(now) == now + 1s);
  now += 1s - 1ns;
  CAF_CHECK(work->next_commit(now).empty());
  now += 1ns;
  const auto entries = commit();
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 3);
  CAF_CHECK_EQUAL(counted("settled"), 3);
}

CAF_TEST(what is settled is committed at once when it is much) {
  with.commit_after = 8;
  begin();
  fetch_all(0, 0, 20);
  answer(require_next());
  CAF_CHECK(work->next_commit(now).empty());
  answer(require_next());
  const auto entries = work->next_commit(now);
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 8);
}

CAF_TEST(what is done is committed up to the first that is not) {
  begin();
  fetch_all(0, 0, 4);
  const auto out = require_next();
  replies mixed;
  mixed.each = {{}, {verdict::retry, away}, {}, {}};
  work->answered(out.batch, mixed, now);
  now += 1s;
  const auto entries = commit();
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 1);
  CAF_CHECK(entries.front().note.attempts == (std::vector<policies::attempted>{{1, {1, 1}}}));
  CAF_CHECK_EQUAL(counted("retried"), 1);
}

CAF_TEST(an idle partition takes its mark back and then commits nothing more) {
  begin();
  fetch(0, 0);
  answer(require_next());
  now += 1s;
  CAF_CHECK(commit() == (std::vector<commit_entry>{{0, 1, {}}}));
  now += 1s;
  CAF_CHECK(commit().empty());
  CAF_CHECK(!work->next_due(now));
}

CAF_TEST(a mark that is there while nothing is handed out any more is taken back with the next commit) {
  begin();
  fetch_all(0, 0, 12);
  for (int batches = 0; batches < 3; ++batches)
    answer(require_next());
  now += 1s;
  const auto first = commit();
  CAF_REQUIRE_EQUAL(first.size(), 1u);
  CAF_CHECK_EQUAL(first.front().offset, 12);
  CAF_CHECK(first.front().note.reach.has_value());
  now += 1s;
  CAF_CHECK(commit() == (std::vector<commit_entry>{{0, 12, {}}}));
}

CAF_TEST(what is to be retried is handed out again when it is due with its attempts) {
  begin();
  fetch(0, 0);
  answer(require_next(), verdict::retry);
  CAF_CHECK(!next());
  now += 10s - 1ns;
  CAF_CHECK(!next());
  CAF_CHECK(work->next_due(now) == now + 1ns);
  now += 1ns;
  CAF_CHECK_EQUAL(require_next().what.batch.front().attempts, 1u);
}

CAF_TEST(suspects go one at a time over all partitions and each is recorded first) {
  begin(2, {0, {2, {}}});
  fetch_all(0, 0, 3);
  fetch_all(1, 0, 3);
  for (int suspects = 0; suspects < 4; ++suspects) {
    CAF_CHECK(!work->next_hand_out(now));
    const auto record = work->next_commit(now);
    std::size_t recorded = 0;
    for (const auto& each : record)
      recorded += each.note.attempts.size();
    CAF_CHECK_EQUAL(recorded, 1u);
    CAF_CHECK(!work->next_hand_out(now));
    work->committed({}, now);
    const auto out = work->next_hand_out(now);
    CAF_REQUIRE(out.has_value());
    CAF_CHECK_EQUAL(out->what.batch.size(), 1u);
    CAF_CHECK(!next());
    answer(*out);
  }
  CAF_CHECK_EQUAL(require_next().what.batch.size(), 2u);
}

CAF_TEST(a suspect that is done is committed before the next one of any partition is handed out) {
  begin(2, {0, {1, {}}});
  fetch(0, 0);
  fetch(1, 0);
  const auto first = require_next();
  answer(first);
  const auto of_first = first.what.batch.front().from.partition;
  const auto both = commit();
  const auto told = std::find_if(both.begin(), both.end(), [&](const auto& each) { return each.partition == of_first; });
  CAF_REQUIRE(told != both.end());
  CAF_CHECK_EQUAL(told->offset, 1);
  CAF_CHECK(told->note.attempts.empty());
  CAF_CHECK_EQUAL(both.size(), 2u);
  CAF_CHECK_NOT_EQUAL(work->next_hand_out(now).value().what.batch.front().from.partition, of_first);
}

CAF_TEST(a suspect whose record could not be committed is not handed out) {
  begin(1, {0, {1, {}}});
  fetch(0, 0);
  CAF_REQUIRE(!work->next_commit(now).empty());
  work->committed(away, now);
  CAF_CHECK(!work->next_hand_out(now));
  now = work->next_due(now).value();
  CAF_CHECK(next().has_value());
}

CAF_TEST(a suspect waits until what is in flight has come back) {
  begin(1);
  work->gained(1, {0, {1, {}}});
  fetch(0, 0);
  const auto first = require_next();
  fetch(1, 0);
  CAF_CHECK(!next());
  answer(first);
  CAF_CHECK(next().has_value());
}

CAF_TEST(a suspect whose handler is away for a moment is handed out again) {
  begin(1, {0, {1, {}}});
  fetch(0, 0);
  for (int times = 0; times < 3; ++times) {
    const auto out = require_next();
    CAF_CHECK_EQUAL(out.what.batch.front().attempts, 0u);
    work->gone(out.batch, errc::overloaded, now);
    CAF_CHECK(!next());
    now = work->next_due(now).value();
  }
  answer(require_next());
  CAF_CHECK_EQUAL(work->unfinished(), 0u);
}

CAF_TEST(a delivery that ended so many processes is set aside unseen) {
  begin(1, {0, {3, {{1, {5, 0}}}}});
  fetch_all(0, 0, 3);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  CAF_CHECK_EQUAL(letters.front().what.from.offset, 1);
  CAF_CHECK_EQUAL(letters.front().what.attempts, 5u);
  CAF_CHECK_EQUAL(letters.front().what.why.code, errc::actor_failed);
  CAF_CHECK(work->next_letters(now, civil).empty());
}

CAF_TEST(a wrong number of replies and a handler that fails count against the one that was alone) {
  begin();
  fetch(0, 0);
  const auto out = require_next();
  work->answered(out.batch, replies{}, now);
  CAF_CHECK(!next());
  now = work->next_due(now).value();
  const auto again = require_next();
  CAF_CHECK_EQUAL(again.what.batch.front().attempts, 1u);
  work->gone(again.batch, errc::actor_failed, now);
  now = work->next_due(now).value();
  CAF_CHECK_EQUAL(require_next().what.batch.front().attempts, 2u);
}

CAF_TEST(a dead letter settles its delivery only when it is published) {
  begin();
  fetch(0, 0);
  now += 5s;
  answer(require_next(), verdict::reject);
  const auto letters = work->next_letters(now + 2s, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  const auto& letter = letters.front().what;
  CAF_CHECK((letter.from == origin{"topic", 0, 0}));
  CAF_CHECK(letter.why == away);
  CAF_CHECK_EQUAL(letter.attempts, 1u);
  CAF_CHECK(letter.last_failure == civil - 2s);
  CAF_CHECK_EQUAL(letter.service, "service");
  CAF_CHECK_EQUAL(letter.content.id, "id-0");
  now += 2s;
  for (const auto& each : commit())
    CAF_CHECK_EQUAL(each.offset, 0);
  work->letter_published(letters.front().ticket, {}, now);
  CAF_CHECK_EQUAL(counted("dead_lettered"), 1);
  CAF_CHECK_EQUAL(watcher->last_label("troupe_kafka_dead_lettered_total"), "unavailable");
  now += 1s;
  const auto entries = commit();
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 1);
  CAF_CHECK(entries.front().note.attempts.empty());
}

CAF_TEST(a dead letter that cannot be published is tried again and its partition hands out nothing meanwhile) {
  begin(2);
  fetch(0, 0);
  answer(require_next(), verdict::reject);
  fetch(0, 1);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->letter_published(letters.front().ticket, away, now);
  CAF_CHECK(!next());
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  CAF_CHECK(work->next_letters(now, civil).empty());
  now = work->next_due(now).value();
  const auto again = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  CAF_CHECK(again.front().ticket != letters.front().ticket);
  work->letter_published(letters.front().ticket, {}, now); // of the first attempt: nobody waits for it
  CAF_CHECK(!next());
  work->letter_published(again.front().ticket, {}, now);
  CAF_CHECK((work->next_flow().resume == std::vector<std::int32_t>{0}));
  CAF_CHECK((offsets_of(require_next()) == offsets{1}));
}

CAF_TEST(a partition that leaves hands out nothing more and is settled when its handler has answered) {
  with.batches_in_flight = 1;
  begin();
  fetch_all(0, 0, 8);
  const auto out = require_next();
  CAF_CHECK(work->settled_down()); // nothing is leaving
  work->leaves(0, now);
  CAF_CHECK(!work->settled_down());
  fetch(0, 8); // whoever has it next reads it
  CAF_CHECK(!next());
  answer(out);
  CAF_CHECK(work->settled_down());
  CAF_CHECK(!next());
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 4, {}}}));
  work->given_up(0, now);
  CAF_CHECK(work->owned().empty());
  CAF_CHECK(work->last_commit().empty());
}

CAF_TEST(batches that have not reached the handler are taken back when their partition leaves) {
  begin(2);
  fetch(0, 0);
  fetch(1, 0);
  CAF_CHECK(!work->next_hand_out(now)); // formed, and waits for its mark
  work->leaves(0, now);
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 1u);
  const auto out = require_next();
  CAF_REQUIRE_EQUAL(out.what.batch.size(), 1u);
  CAF_CHECK_EQUAL(out.what.batch.front().from.partition, 1);
}

CAF_TEST(a partition that leaves waits for its dead letters and for no others) {
  begin(2);
  fetch(0, 0);
  fetch(1, 0);
  answer(require_next(), verdict::reject);
  work->leaves(0, now);
  CAF_CHECK(!work->settled_down());
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 2u);
  CAF_CHECK(!work->settled_down());
  for (const auto& each : letters)
    if (each.what.from.partition == 0)
      work->letter_published(each.ticket, {}, now);
  CAF_CHECK(work->settled_down());
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 1, {}}}));
}

CAF_TEST(a dead letter that fails while its partition leaves holds nobody up) {
  begin();
  fetch(0, 0);
  answer(require_next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  work->leaves(0, now);
  CAF_CHECK(!work->settled_down());
  work->letter_published(letters.front().ticket, away, now);
  CAF_CHECK(work->settled_down());
  const auto last = work->last_commit();
  CAF_REQUIRE_EQUAL(last.size(), 1u);
  CAF_CHECK_EQUAL(last.front().offset, 0);
  CAF_CHECK(last.front().note.attempts == (std::vector<policies::attempted>{{0, {1, 1}}}));
}

CAF_TEST(the last commit tells attempts and overtakes one that is under way) {
  begin();
  fetch_all(0, 0, 4);
  const auto out = require_next();
  replies mixed;
  mixed.each = {{}, {}, {verdict::retry, away}, {}};
  now += 1s;
  work->answered(out.batch, mixed, now);
  now += 1s;
  CAF_REQUIRE(!work->next_commit(now).empty());
  work->leaves(0, now);
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 2, {std::nullopt, {{2, {1, 1}}}}}}));
  work->given_up(0, now);
  work->committed({}, now); // of a tenure that is over
  CAF_CHECK(work->next_commit(now).empty());
}

CAF_TEST(a batch that waits for its mark when its partition is lost holds nobody up) {
  with.batches_in_flight = 1;
  begin(2);
  fetch(0, 0);
  CAF_REQUIRE(!work->next_commit(now).empty());
  work->given_up(0, now);
  work->committed(away, now);
  fetch(1, 0);
  now = work->next_due(now).value();
  CAF_CHECK_EQUAL(require_next().what.batch.front().from.partition, 1);
}

CAF_TEST(answers of an earlier tenure are counted and change nothing) {
  begin();
  fetch_all(0, 0, 4);
  const auto old = require_next();
  work->given_up(0, now);
  work->gained(0, {0, {}});
  fetch_all(0, 0, 4);
  const auto ours = require_next();
  answer(old);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 4);
  CAF_CHECK_EQUAL(work->unfinished(), 4u);
  now += 1s;
  for (const auto& each : commit())
    CAF_CHECK_EQUAL(each.offset, 0);
  answer(ours);
  CAF_CHECK_EQUAL(counted("settled"), 4);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 4);
}

CAF_TEST(a dead letter of an earlier tenure settles nothing) {
  begin();
  fetch(0, 0);
  answer(require_next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  work->given_up(0, now);
  work->gained(0, {0, {}});
  fetch(0, 0);
  work->letter_published(letters.front().ticket, {}, now);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 1);
  CAF_CHECK_EQUAL(counted("settled"), 0);
  CAF_CHECK(next().has_value());
}

CAF_TEST(a dead letter that is not ordered yet when its partition goes is ordered by nobody) {
  begin();
  fetch(0, 0);
  answer(require_next(), verdict::reject);
  work->given_up(0, now);
  CAF_CHECK(work->next_letters(now, civil).empty());
}

CAF_TEST(a handler that goes with batches of an earlier tenure delays nobody) {
  begin();
  fetch(0, 0);
  const auto old = require_next();
  work->given_up(0, now);
  work->gained(0, {0, {}});
  work->gone(old.batch, errc::actor_failed, now);
  fetch(0, 0);
  CAF_CHECK_EQUAL(require_next().what.batch.front().attempts, 0u);
}

CAF_TEST(an answer to a batch that is not in flight is counted and discarded) {
  begin();
  fetch(0, 0);
  work->answered(77, replies{{{}}, std::nullopt}, now);
  work->gone(78, errc::actor_failed, now);
  work->letter_published(79, {}, now);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 1);
  CAF_CHECK(next().has_value());
}

CAF_TEST(a batch that was answered twice is settled once) {
  begin();
  fetch(0, 0);
  const auto out = require_next();
  answer(out);
  answer(out);
  CAF_CHECK_EQUAL(counted("settled"), 1);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 1);
}

CAF_TEST(a topic that was made anew is read from its new beginning) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  const auto old = require_next();
  for (const auto end = now + detour::believed_after; now < end; now += 1s) {
    fetch(0, 0);
    CAF_REQUIRE_EQUAL(work->next_returns(now).size(), 1u);
  }
  fetch(0, 7);
  fetch(0, 8);
  const auto beginning = work->next_returns(now);
  CAF_REQUIRE_EQUAL(beginning.size(), 1u);
  CAF_CHECK(!beginning.front().offset);
  CAF_CHECK(work->next_returns(now).empty());
  fetch(0, 0);
  fetch(0, 1);
  answer(old);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 4);
  const auto out = require_next();
  CAF_CHECK((offsets_of(out) == offsets{0, 1}));
  answer(out);
  now += 1s;
  const auto entries = commit();
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 2);
}

CAF_TEST(a reader whom a broker leads astray is led back and what it read there is dropped) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  const auto out = require_next();
  for (int times = 0; times < 3; ++times) {
    fetch(0, 0);
    fetch(0, 1);
    const auto back = work->next_returns(now);
    CAF_REQUIRE_EQUAL(back.size(), 1u);
    CAF_CHECK_EQUAL(back.front().partition, 0);
    CAF_CHECK(back.front().offset == 103);
    fetch(0, 0);
    CAF_CHECK(work->next_returns(now).empty());
    CAF_CHECK(work->next_due(now) == now + detour::pause);
    now += detour::pause;
    CAF_CHECK_EQUAL(work->next_returns(now).size(), 1u);
    now += detour::pause;
  }
  fetch(0, 103); // is known again
  CAF_CHECK(!work->next_due(now) || *work->next_due(now) != now + detour::pause);
  fetch(0, 104);
  answer(out);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 0);
  CAF_CHECK((offsets_of(require_next()) == offsets{104}));
}

CAF_TEST(a log that has another record in the place of the latest one has begun anew) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  fetch(0, 0);
  CAF_REQUIRE_EQUAL(work->next_returns(now).size(), 1u);
  fetch(0, 103, {}, 1); // of another size
  const auto back = work->next_returns(now);
  CAF_REQUIRE_EQUAL(back.size(), 1u);
  CAF_CHECK(!back.front().offset);
  fetch(0, 0);
  CAF_CHECK((offsets_of(require_next()) == offsets{0}));
}

CAF_TEST(a reader who is astray now and then is always led back) {
  begin(1, {100, {}});
  for (int times = 0; times < 5; ++times) {
    fetch(0, 0);
    CAF_CHECK_EQUAL(work->next_returns(now).size(), 1u);
    now += detour::believed_after;
  }
  fetch(0, 100);
  CAF_CHECK((offsets_of(require_next()) == offsets{100}));
}

CAF_TEST(a partition that pauses when its topic is made anew goes on) {
  with.redelivery.span_limit = 4;
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  for (const auto end = now + detour::believed_after; now < end; now += 1s)
    fetch(0, 0);
  fetch(0, 0); // was on its way when it paused
  CAF_CHECK((work->next_flow().resume == std::vector<std::int32_t>{0}));
}

CAF_TEST(fetching pauses at the span and goes on when half of it is settled) {
  with.redelivery.span_limit = 8;
  with.batch = 2;
  begin(2);
  fetch_all(0, 0, 7);
  CAF_CHECK(work->next_flow().pause.empty());
  fetch(0, 7);
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  CAF_CHECK(work->next_flow().pause.empty());
  answer(require_next());
  CAF_CHECK(work->next_flow().resume.empty());
  answer(require_next());
  const auto changes = work->next_flow();
  CAF_CHECK(changes.pause.empty());
  CAF_CHECK((changes.resume == std::vector<std::int32_t>{0}));
  CAF_CHECK(work->next_flow().resume.empty());
}

CAF_TEST(fetching pauses at the bytes and goes on when half of them are settled) {
  with.partition_bytes = 10'000;
  with.batch = 1;
  begin();
  for (std::int64_t offset = 0; offset < 3; ++offset)
    fetch(0, offset, {}, 4000);
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  answer(require_next());
  CAF_CHECK(work->next_flow().resume.empty());
  answer(require_next());
  CAF_CHECK((work->next_flow().resume == std::vector<std::int32_t>{0}));
}

CAF_TEST(no more is read than can be handed out) {
  with.read_ahead = 8;
  begin(2);
  fetch_all(0, 0, 7);
  CAF_CHECK(work->wants_more());
  fetch(1, 0);
  CAF_CHECK(!work->wants_more());
  const auto out = require_next(); // two batches of four are formed
  CAF_CHECK(work->wants_more());
  answer(out);
}

CAF_TEST(a key that waits behind a parked delivery does not keep the others from being read) {
  with.read_ahead = 4;
  begin();
  fetch(0, 0, "parked");
  answer(require_next(), verdict::retry);
  std::int64_t offset = 1;
  while (offset < 100) {
    CAF_REQUIRE(work->wants_more());
    fetch(0, offset++, "parked");
    CAF_CHECK(!next());
  }
  fetch(0, offset, "free");
  CAF_CHECK((offsets_of(require_next()) == offsets{100}));
}

CAF_TEST(a pause that the handler asks for holds every partition and then one probe at a time goes) {
  begin(2);
  fetch_all(0, 0, 3);
  fetch_all(1, 0, 3);
  while (const auto out = next()) {
    replies held;
    held.each.resize(out->what.batch.size(), {verdict::untouched, {errc::none, {}}});
    held.pause = hold{5s, 1};
    work->answered(out->batch, held, now);
  }
  CAF_CHECK(!next());
  now += 5s - 1ns;
  CAF_CHECK(!next());
  CAF_CHECK(work->next_due(now) == now + 1ns);
  now += 1ns;
  const auto probe = require_next();
  CAF_CHECK_EQUAL(probe.what.batch.size(), 1u);
  CAF_CHECK_EQUAL(probe.what.batch.front().attempts, 0u);
  CAF_CHECK(!next());
  answer(probe);
  CAF_CHECK(require_next().what.batch.size() > 1);
}

CAF_TEST(a probe whose partition is lost makes room for another one) {
  begin(2);
  fetch(0, 0);
  fetch(1, 0);
  const auto out = require_next();
  replies held;
  held.each.resize(2, {verdict::untouched, {errc::none, {}}});
  held.pause = hold{5s, 1};
  work->answered(out.batch, held, now);
  now += 5s;
  const auto probe = require_next();
  work->given_up(probe.what.batch.front().from.partition, now);
  answer(probe);
  CAF_CHECK(next().has_value());
}

CAF_TEST(a drain takes back what has not reached the handler and commits last) {
  with.batches_in_flight = 1;
  begin(2);
  fetch_all(0, 0, 4);
  const auto out = require_next();
  fetch_all(1, 0, 4);
  CAF_CHECK(!next());
  work->all_leave(now);
  CAF_CHECK_EQUAL(work->unfinished(), 4u);
  CAF_CHECK(!work->settled_down());
  answer(out);
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 0u);
  CAF_CHECK(!next());
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 4, {}}}));
}

CAF_TEST(a partition that stays in a rebalance goes on while another one leaves) {
  begin(2);
  fetch(0, 0);
  const auto slow = require_next();
  work->leaves(0, now);
  fetch(1, 0);
  const auto out = require_next();
  CAF_CHECK_EQUAL(out.what.batch.front().from.partition, 1);
  answer(out);
  CAF_CHECK(!work->settled_down());
  answer(slow);
  CAF_CHECK(work->settled_down());
}

CAF_TEST(records of a partition that is not ours are dropped) {
  begin(1);
  fetch(5, 0);
  fetch(-1, 0);
  work->leaves(5, now);
  work->given_up(5, now);
  CAF_CHECK(!next());
  CAF_CHECK((work->owned() == std::vector<std::int32_t>{0}));
}

CAF_TEST_FIXTURE_SCOPE_END()
