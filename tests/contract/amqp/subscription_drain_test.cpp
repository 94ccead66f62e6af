#define CAF_SUITE amqp_subscription_drain
#include <troupe_test/suite.hpp>

#include "subscription_fixture.hpp"

namespace troupe::amqp_test {

CAF_TEST_FIXTURE_SCOPE(amqp_subscription_drain_tests, subscription_fixture)

CAF_TEST(a drain ends the consumption and hands out what is in hand) {
  with.batch = 1;
  with.batches_in_flight = 1;
  consume();
  arrive("a");
  arrive("b");
  const auto first = next();
  drain();
  CAF_CHECK(work->next_intake(now) == step::nothing);
  arrive("c"); // it was on its way
  CAF_CHECK_EQUAL(work->unfinished(), 3u);
  answer(*first, verdict::done);
  for (const auto* each : {"b", "c"}) {
    const auto out = next();
    CAF_CHECK_EQUAL(ids(out), (std::vector<std::string>{each}));
    CAF_CHECK(!work->settled_down());
    answer(*out, verdict::done);
  }
  CAF_CHECK(!work->settled_down()); // more may be on its way
  work->fetching_ended();
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 0u);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{3, reach::all_up_to}}));
}

CAF_TEST(a drain waits for what was pulled and begins no consumption) {
  begin();
  CAF_REQUIRE(work->next_intake(now) == step::pull);
  work->drain();
  CAF_CHECK(work->next_intake(now) == step::nothing);
  CAF_CHECK(!work->settled_down());
  arrive("a", 0, {}, arrival::manner::pulled, 7);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  answer(*next(), verdict::done); // not waiting for those behind it
  CAF_CHECK(work->settled_down());
}

CAF_TEST(a drain does not wait for a handler that pauses) {
  with.batch = 1;
  with.batches_in_flight = 1;
  consume();
  arrive("a");
  arrive("b");
  drain();
  work->fetching_ended();
  answer(*next(), verdict::done, hold{15s, 1});
  CAF_CHECK(!next());
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 1u);
}

CAF_TEST(a drain moves what is parked to its delay queue) {
  consume();
  arrive("a");
  arrive("b");
  const auto out = next();
  answer(*out, verdict::retry);
  CAF_CHECK(work->next_delays(now, civil).empty()); // few are parked: they wait here
  drain();
  work->fetching_ended();
  const auto delays = work->next_delays(now, civil);
  CAF_REQUIRE_EQUAL(delays.size(), 2u);
  CAF_CHECK_EQUAL(delays[0].note.count.attempts, 1u);
  CAF_CHECK(!work->settled_down());
  for (const auto& each : delays)
    work->published(each.ticket, {}, now);
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 0u);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{2, reach::all_up_to}}));
}

CAF_TEST(a drain moves what the handler wants to retry meanwhile) {
  consume();
  arrive("a");
  const auto out = next();
  drain();
  work->fetching_ended();
  answer(*out, verdict::retry);
  CAF_CHECK_EQUAL(work->next_delays(now, civil).size(), 1u);
  CAF_CHECK(!work->settled_down());
}

CAF_TEST(a drain waits for a handler that is away for a moment) {
  consume();
  arrive("a");
  const auto first = next();
  drain();
  work->fetching_ended();
  work->gone(first->batch, errc::unavailable, now);
  CAF_CHECK(!next());
  CAF_CHECK(!work->settled_down());
  const auto due = work->next_due(now);
  CAF_REQUIRE(due.has_value());
  now = *due;
  const auto again = next();
  CAF_CHECK(ids(again) == (strings{"a"}));
  answer(*again, verdict::done);
  CAF_CHECK(work->settled_down());
}

CAF_TEST(a drain waits for batches of an earlier session that stand in the way) {
  with.batches_in_flight = 1;
  consume();
  arrive("a");
  const auto first = next();
  work->lost(now);
  session();
  pull("a", 1);
  work->drain();
  CAF_CHECK(!next());
  CAF_CHECK(!work->settled_down());
  answer(*first, verdict::done); // nobody knows whether it counts
  const auto second = next();
  CAF_CHECK(ids(second) == (strings{"a"}));
  answer(*second, verdict::done);
  CAF_CHECK(work->settled_down());
}

CAF_TEST(nothing of a lost session is published) {
  consume();
  for (const auto* id : {"a", "b", "c", "d", "e", "f", "g", "h"})
    arrive(id);
  const auto first = next();
  const auto second = next();
  work->lost(now);
  answer(*first, verdict::reject);
  answer(*second, verdict::retry);
  CAF_CHECK(work->next_letters(now, civil).empty());
  CAF_CHECK(work->next_delays(now, civil).empty());
}

CAF_TEST(a drain whose session is lost waits for the handler and hands out nothing more) {
  with.batch = 1;
  consume();
  arrive("a");
  arrive("b");
  const auto out = next();
  drain();
  work->lost(now);
  CAF_CHECK(!work->settled_down());
  answer(*out, verdict::done);
  CAF_CHECK(work->settled_down());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::amqp_test
