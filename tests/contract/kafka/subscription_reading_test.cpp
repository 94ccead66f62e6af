#define CAF_SUITE kafka_subscription_reading
#include "subscription_driver.hpp"

// What is read, when reading pauses, and what a log that is not as it was is taken for.

using namespace troupe;
using namespace troupe::contract;

CAF_TEST_FIXTURE_SCOPE(subscription_reading_tests, subscription_driver)

CAF_TEST(a topic that was made anew is read from its new beginning) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  const auto old = require_next();
  for (const auto end = now + stale_leader_recovery::believed_after; now < end; now += 1s) {
    fetch(0, 0);
    CAF_REQUIRE_EQUAL(work->next_seeks(now).size(), 1u);
  }
  fetch(0, 7);
  fetch(0, 8);
  const auto beginning = work->next_seeks(now);
  CAF_REQUIRE_EQUAL(beginning.size(), 1u);
  CAF_CHECK(!beginning.front().offset);
  CAF_CHECK(work->next_seeks(now).empty());
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

CAF_TEST(a reader with a stale leader seeks back and the records of that leader are dropped) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  const auto out = require_next();
  for (int times = 0; times < 3; ++times) {
    fetch(0, 0);
    fetch(0, 1);
    const auto back = work->next_seeks(now);
    CAF_REQUIRE_EQUAL(back.size(), 1u);
    CAF_CHECK_EQUAL(back.front().partition, 0);
    CAF_CHECK(back.front().offset == 103);
    fetch(0, 0);
    CAF_CHECK(work->next_seeks(now).empty());
    CAF_CHECK(work->next_due(now) == now + stale_leader_recovery::pause);
    now += stale_leader_recovery::pause;
    CAF_CHECK_EQUAL(work->next_seeks(now).size(), 1u);
    now += stale_leader_recovery::pause;
  }
  fetch(0, 103); // is known again
  CAF_CHECK(!work->next_due(now) || *work->next_due(now) != now + stale_leader_recovery::pause);
  fetch(0, 104);
  answer(out);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 0);
  CAF_CHECK((offsets_of(require_next()) == offsets{104}));
}

CAF_TEST(a log that has another record at the latest offset has begun anew) {
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  fetch(0, 0);
  CAF_REQUIRE_EQUAL(work->next_seeks(now).size(), 1u);
  fetch(0, 103, {}, 1); // of another size
  const auto back = work->next_seeks(now);
  CAF_REQUIRE_EQUAL(back.size(), 1u);
  CAF_CHECK(!back.front().offset);
  fetch(0, 0);
  CAF_CHECK((offsets_of(require_next()) == offsets{0}));
}

CAF_TEST(a reader with a stale leader now and then always seeks back) {
  begin(1, {100, {}});
  for (int times = 0; times < 5; ++times) {
    fetch(0, 0);
    CAF_CHECK_EQUAL(work->next_seeks(now).size(), 1u);
    now += stale_leader_recovery::believed_after;
  }
  fetch(0, 100);
  CAF_CHECK((offsets_of(require_next()) == offsets{100}));
}

CAF_TEST(a partition that pauses when its topic is made anew goes on) {
  with.redelivery.span_limit = 4;
  begin(1, {100, {}});
  fetch_all(0, 100, 104);
  CAF_CHECK((work->next_flow().pause == std::vector<std::int32_t>{0}));
  for (const auto end = now + stale_leader_recovery::believed_after; now < end; now += 1s)
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

CAF_TEST(records of a partition that is not ours are dropped) {
  begin(1);
  fetch(5, 0);
  fetch(-1, 0);
  work->leaves(5, now);
  work->given_up(5, now);
  CAF_CHECK(!next());
  CAF_CHECK((work->owned() == std::vector<std::int32_t>{0}));
}

CAF_TEST(the lag is what is not settled whether it was fetched or not) {
  begin();
  CAF_CHECK(work->at(1) == nullptr); // another member's
  work.reset();
  begin(1, {4, {}});
  CAF_CHECK(work->at(0)->lag(10) == 6);
  fetch_all(0, 4, 8);
  CAF_CHECK(work->at(0)->lag(10) == 6);
  const auto out = require_next();
  work->answered(out.batch, {{{verdict::done}, {verdict::done}, {verdict::done}, {verdict::retry, away}}, {}}, now);
  CAF_CHECK(work->at(0)->lag(10) == 3); // the parked one is not settled
}

CAF_TEST(the offsets that were removed before they were read are returned once) {
  begin(1, {10, {}});
  CAF_CHECK(work->reading(0)->leaves_out(90));
  const auto gone = work->reading(0)->removed_unread(90, 90);
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK_EQUAL(gone->from, 10);
  CAF_CHECK_EQUAL(gone->end, 90);
  CAF_CHECK(!work->reading(0)->removed_unread(95, 90)); // nothing has come yet
  fetch_all(0, 90, 92);
  CAF_CHECK(!work->reading(0)->leaves_out(92));
  const auto more = work->reading(0)->removed_unread(99, 97); // the log's first record was compacted away
  CAF_REQUIRE(more.has_value());
  CAF_CHECK_EQUAL(more->from, 92);
  CAF_CHECK_EQUAL(more->end, 97);
}

CAF_TEST(offsets without a message do not count as removed) {
  begin(1, {10, {}});
  CAF_CHECK(!work->reading(0)->removed_unread(14, 3)); // compaction or transactions left that out
  fetch(0, 14);
  CAF_CHECK(!work->reading(0)->removed_unread(16, 40)); // the log begins behind it by now, and yet it came
  CAF_CHECK(work->reading(1) == nullptr);               // another member's
}

CAF_TEST(where a group begins nothing was removed) {
  begin(1, {std::nullopt, {}});
  CAF_CHECK(!work->reading(0)->leaves_out(90));
  CAF_CHECK(!work->reading(0)->removed_unread(90, 90));
}

CAF_TEST(a transaction that is not ended is a stall when everything before it is read) {
  begin(1, {4, {}});
  work->log_ends(0, 6, 9, now);
  CAF_CHECK(work->stalls().empty()); // what stands before it comes first
  fetch_all(0, 4, 6);
  answer(require_next());
  now += 5s;
  work->log_ends(0, 6, 12, now);
  const auto stalls = work->stalls();
  CAF_REQUIRE_EQUAL(stalls.size(), 1u);
  CAF_CHECK(stalls.front().reason == stall_reason::transaction);
  CAF_CHECK_EQUAL(stalls.front().why.reason, "offset 6 of partition 0 of topic, where the log ends at 12");
  CAF_CHECK(stalls.front().since == now - 5s);
  work->log_ends(0, 10, 12, now); // ended; the next one begins further on
  fetch_all(0, 7, 10);
  CAF_CHECK(work->stalls().front().since == now);
  work->log_ends(0, 12, 12, now);
  fetch_all(0, 10, 12);
  CAF_CHECK(std::none_of(work->stalls().begin(), work->stalls().end(),
                         [](const stall& each) { return each.reason == stall_reason::transaction; }));
}

CAF_TEST(a reader of uncommitted messages waits for no transaction) {
  with.sees = isolation::read_uncommitted;
  begin(1, {4, {}});
  work->log_ends(0, 4, 9, now);
  CAF_CHECK(work->stalls().empty());
}

CAF_TEST(a log that ends with the end of a transaction leaves no lag) {
  begin(1, {4, {}});
  fetch_all(0, 4, 8);
  const auto out = require_next();
  work->answered(out.batch, {{{verdict::done}, {verdict::done}, {verdict::done}, {verdict::done}}, {}}, now);
  CAF_CHECK(work->at(0)->lag(9) == 1);
  work->end_reached(0, 9, now);
  CAF_CHECK(work->at(0)->lag(9) == 0);
  CAF_CHECK(work->at(0)->lag(12) == 3);
}

CAF_TEST(a commit goes past what stands at the end of a log without being a message) {
  begin(1, {4, {}});
  fetch_all(0, 4, 6);
  const auto out = require_next();
  work->end_reached(0, 7, now);
  CAF_CHECK_EQUAL(commit_after(1s).value_or(4), 4); // they are not settled
  answer(out);
  CAF_CHECK(commit_after(1s) == 7);
  work->end_reached(0, 9, now); // a transaction of which nothing is seen
  CAF_CHECK(commit_after(1s) == 9);
  work->end_reached(0, 9, now);
  CAF_CHECK(commit_after(1s) == std::nullopt);
  fetch(0, 9);
  CAF_CHECK_EQUAL(require_next().request.batch.front().from.offset, 9);
}

CAF_TEST(no commit goes past what is to be read again) {
  begin(1, {4, {}});
  fetch_all(0, 4, 6);
  answer(require_next());
  commit_after(1s);
  fetch(0, 4); // a leader of before
  work->end_reached(0, 9, now);
  CAF_CHECK(commit_after(1s) == std::nullopt);
  begin(1, {4, {}});
  work->leaves(0, now);
  work->end_reached(0, 9, now);
  CAF_CHECK(work->last_commit().empty());
}

CAF_TEST(a group that was never there has no lag before it is known where it begins) {
  begin(2, {});
  CAF_CHECK(work->at(0)->lag(10) == std::nullopt);
  CAF_CHECK(work->at(0)->lag(0) == 0);
  work->end_reached(0, 10, now); // it begins at the latest
  CAF_CHECK(work->at(0)->lag(10) == 0);
  fetch(1, 3); // what stood before was cleaned away
  CAF_CHECK(work->at(1)->lag(10) == 7);
}

CAF_TEST_FIXTURE_SCOPE_END()
