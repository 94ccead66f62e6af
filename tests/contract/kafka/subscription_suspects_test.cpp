#define CAF_SUITE kafka_subscription_suspects
#include "subscription_driver.hpp"

// What may have ended a process, or a handler.

using namespace troupe;
using namespace troupe::contract;

CAF_TEST_FIXTURE_SCOPE(subscription_suspects_tests, subscription_driver)

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
    CAF_CHECK_EQUAL(out->request.batch.size(), 1u);
    CAF_CHECK(!next());
    answer(*out);
  }
  CAF_CHECK_EQUAL(require_next().request.batch.size(), 2u);
}

CAF_TEST(a suspect that is done is committed before the next one of any partition is handed out) {
  begin(2, {0, {1, {}}});
  fetch(0, 0);
  fetch(1, 0);
  const auto first = require_next();
  answer(first);
  const auto of_first = first.request.batch.front().from.partition;
  const auto both = commit();
  const auto marked = std::find_if(both.begin(), both.end(), [&](const auto& each) { return each.partition == of_first; });
  CAF_REQUIRE(marked != both.end());
  CAF_CHECK_EQUAL(marked->offset, 1);
  CAF_CHECK(marked->note.attempts.empty());
  CAF_CHECK_EQUAL(both.size(), 2u);
  CAF_CHECK_NOT_EQUAL(work->next_hand_out(now).value().request.batch.front().from.partition, of_first);
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
    CAF_CHECK_EQUAL(out.request.batch.front().attempts, 0u);
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
  CAF_CHECK_EQUAL(letters.front().letter.from.offset, 1);
  CAF_CHECK_EQUAL(letters.front().letter.attempts, 5u);
  CAF_CHECK_EQUAL(letters.front().letter.why.code, errc::actor_failed);
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
  CAF_CHECK_EQUAL(again.request.batch.front().attempts, 1u);
  work->gone(again.batch, errc::actor_failed, now);
  now = work->next_due(now).value();
  CAF_CHECK_EQUAL(require_next().request.batch.front().attempts, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
