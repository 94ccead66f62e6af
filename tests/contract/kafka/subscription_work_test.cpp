#define CAF_SUITE kafka_subscription_work
#include "subscription_driver.hpp"

// What is handed out, settled, committed and set aside.

using namespace troupe;
using namespace troupe::contract;

CAF_TEST_FIXTURE_SCOPE(subscription_work_tests, subscription_driver)

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

CAF_TEST(a delivery has its origin and its content) {
  begin();
  fetch(0, 7, "key");
  const auto out = require_next();
  CAF_REQUIRE_EQUAL(out.request.batch.size(), 1u);
  const auto& only = out.request.batch.front();
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

CAF_TEST(as many batches are handed out as may be in flight and no larger than configured) {
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
  CAF_CHECK_EQUAL(first.request.batch.size(), 4u);
  CAF_CHECK_EQUAL(second.request.batch.size(), 4u);
  std::set<std::int32_t> seen;
  for (const auto* each : {&first, &second})
    for (const auto& one : each->request.batch)
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
  CAF_CHECK_EQUAL(require_next().request.batch.front().attempts, 1u);
}

CAF_TEST(a dead letter settles its delivery only when it is published) {
  begin();
  fetch(0, 0);
  now += 5s;
  answer(require_next(), verdict::reject);
  const auto letters = work->next_letters(now + 2s, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  const auto& letter = letters.front().letter;
  CAF_CHECK((letter.from == origin{"topic", 0, 0}));
  CAF_CHECK(letter.why == away);
  CAF_CHECK_EQUAL(letter.attempts, 1u);
  CAF_CHECK(letter.last_failure == civil - 2s);
  CAF_CHECK_EQUAL(letter.service, "service");
  CAF_CHECK_EQUAL(letter.content.id, "id-0");
  now += 2s;
  for (const auto& each : commit())
    CAF_CHECK_EQUAL(each.offset, 0);
  work->published(letters.front().ticket, {}, now);
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
  work->published(letters.front().ticket, away, now);
  CAF_CHECK(!next());
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  CAF_CHECK(work->next_letters(now, civil).empty());
  now = work->next_due(now).value();
  const auto again = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  CAF_CHECK(again.front().ticket != letters.front().ticket);
  work->published(letters.front().ticket, {}, now); // of the first attempt: nobody waits for it
  CAF_CHECK(!next());
  work->published(again.front().ticket, {}, now);
  CAF_CHECK((work->next_flow().resume == std::vector<std::int32_t>{0}));
  CAF_CHECK((offsets_of(require_next()) == offsets{1}));
}

CAF_TEST(an answer to a batch that is not in flight is counted and discarded) {
  begin();
  fetch(0, 0);
  work->answered(77, replies{{{}}, std::nullopt}, now);
  work->gone(78, errc::actor_failed, now);
  work->published(79, {}, now);
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

CAF_TEST(a pause that the handler asks for holds every partition and then one probe at a time goes) {
  begin(2);
  fetch_all(0, 0, 3);
  fetch_all(1, 0, 3);
  while (const auto out = next()) {
    replies held;
    held.each.resize(out->request.batch.size(), {verdict::untouched, {errc::none, {}}});
    held.pause = hold{5s, 1};
    work->answered(out->batch, held, now);
  }
  CAF_CHECK(!next());
  now += 5s - 1ns;
  CAF_CHECK(!next());
  CAF_CHECK(work->next_due(now) == now + 1ns);
  now += 1ns;
  const auto probe = require_next();
  CAF_CHECK_EQUAL(probe.request.batch.size(), 1u);
  CAF_CHECK_EQUAL(probe.request.batch.front().attempts, 0u);
  CAF_CHECK(!next());
  answer(probe);
  CAF_CHECK(require_next().request.batch.size() > 1);
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
  work->given_up(probe.request.batch.front().from.partition, now);
  answer(probe);
  CAF_CHECK(next().has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
