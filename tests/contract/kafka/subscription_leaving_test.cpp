#define CAF_SUITE kafka_subscription_leaving
#include "subscription_driver.hpp"

// Partitions that go, and answers that come too late for them.

using namespace troupe;
using namespace troupe::contract;

CAF_TEST_FIXTURE_SCOPE(subscription_leaving_tests, subscription_driver)

CAF_TEST(a partition that leaves hands out nothing more and is settled when its handler has answered) {
  with.batches_in_flight = 1;
  begin();
  fetch_all(0, 0, 8);
  const auto out = require_next();
  CAF_CHECK(work->settled_down()); // nothing is leaving
  work->leaves(0, now);
  CAF_CHECK(!work->settled_down());
  fetch(0, 8); // its next owner reads it
  CAF_CHECK(!next());
  answer(out);
  CAF_CHECK(work->settled_down());
  CAF_CHECK(!next());
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 4, {}}}));
  work->given_up(0, now);
  CAF_CHECK(work->owned().empty());
  CAF_CHECK(work->last_commit().empty());
}

CAF_TEST(what stands before a handled delivery is handled before its partition goes and nothing else is) {
  with.batches_in_flight = 2;
  begin();
  fetch(0, 0, "a");
  const auto first = require_next();
  fetch(0, 1, "a");
  fetch(0, 2, "b");
  const auto second = require_next();
  CAF_CHECK_EQUAL(offsets_of(second), offsets{2});
  fetch(0, 3, "c");
  work->leaves(0, now);
  answer(second);
  CAF_CHECK(!work->next_hand_out(now)); // the first of its key is with the handler
  answer(first);
  const auto last = work->next_hand_out(now);
  CAF_REQUIRE(last);
  CAF_CHECK_EQUAL(offsets_of(*last), offsets{1});
  CAF_CHECK(!work->settled_down());
  answer(*last);
  CAF_CHECK(!work->next_hand_out(now));
  CAF_CHECK(work->settled_down());
  CAF_CHECK(work->last_commit() == (std::vector<commit_entry>{{0, 3, {}}}));
}

CAF_TEST(a retry that waits before a handled delivery holds up no partition that goes) {
  begin();
  fetch(0, 0, "a");
  fetch(0, 1, "b");
  auto out = require_next();
  replies all;
  all.each = {{verdict::retry, away}, {verdict::done, {}}};
  work->answered(out.batch, all, now);
  work->leaves(0, now);
  CAF_CHECK(!work->next_hand_out(now));
  CAF_CHECK(work->settled_down());
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
  CAF_REQUIRE_EQUAL(out.request.batch.size(), 1u);
  CAF_CHECK_EQUAL(out.request.batch.front().from.partition, 1);
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
    if (each.letter.from.partition == 0)
      work->published(each.ticket, {}, now);
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
  work->published(letters.front().ticket, away, now);
  CAF_CHECK(work->settled_down());
  const auto last = work->last_commit();
  CAF_REQUIRE_EQUAL(last.size(), 1u);
  CAF_CHECK_EQUAL(last.front().offset, 0);
  CAF_CHECK(last.front().note.attempts == (std::vector<policies::attempted>{{0, {1, 1}}}));
}

CAF_TEST(a delivery that cannot be set aside holds up its key alone however large it is) {
  with.partition_bytes = 1000;
  begin();
  fetch(0, 0, "a", 5000);
  fetch(0, 1, "a");
  fetch(0, 2, "b");
  CAF_CHECK(work->next_flow().pause == std::vector<std::int32_t>{0});
  answer(require_next(), verdict::reject); // of 0 and 2, and of 1 behind it
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE(!letters.empty());
  CAF_CHECK_EQUAL(letters.front().letter.from.offset, 0);
  const auto held = work->published(letters.front().ticket, failure{errc::rejected, "too large"}, now);
  CAF_REQUIRE(held.has_value());
  CAF_CHECK_EQUAL(held->partition, 0u);
  CAF_CHECK_EQUAL(held->offset, 0);
  for (std::size_t i = 1; i < letters.size(); ++i)
    CAF_CHECK(!work->published(letters[i].ticket, {}, now));
  CAF_CHECK(work->next_flow().resume == std::vector<std::int32_t>{0});
  fetch(0, 3, "c");
  const auto next = require_next();
  CAF_CHECK_EQUAL(next.request.batch.back().from.offset, 3);
  answer(next);
  CAF_CHECK(commit_after(1s).value_or(0) == 0);
  now += policies::partition_ledger::refused_letter_pause;
  const auto again = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  CAF_CHECK(!work->published(again.front().ticket, {}, now));
  CAF_CHECK(commit_after(1s) == 4);
}

CAF_TEST(the last commit has the attempts and overtakes one that is under way) {
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
  work->committed({}, now); // of a assignment that is over
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
  CAF_CHECK_EQUAL(require_next().request.batch.front().from.partition, 1);
}

CAF_TEST(answers of an earlier assignment are counted and change nothing) {
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

CAF_TEST(a dead letter of an earlier assignment settles nothing) {
  begin();
  fetch(0, 0);
  answer(require_next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  work->given_up(0, now);
  work->gained(0, {0, {}});
  fetch(0, 0);
  work->published(letters.front().ticket, {}, now);
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

CAF_TEST(a handler that goes with batches of an earlier assignment delays nobody) {
  begin();
  fetch(0, 0);
  const auto old = require_next();
  work->given_up(0, now);
  work->gained(0, {0, {}});
  work->gone(old.batch, errc::actor_failed, now);
  fetch(0, 0);
  CAF_CHECK_EQUAL(require_next().request.batch.front().attempts, 0u);
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
  CAF_CHECK_EQUAL(out.request.batch.front().from.partition, 1);
  answer(out);
  CAF_CHECK(!work->settled_down());
  answer(slow);
  CAF_CHECK(work->settled_down());
}

CAF_TEST_FIXTURE_SCOPE_END()
