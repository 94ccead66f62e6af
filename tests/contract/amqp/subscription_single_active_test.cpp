#define CAF_SUITE amqp_single_active_consumer
#include <troupe_test/suite.hpp>

#include "subscription_fixture.hpp"

namespace troupe::amqp_test {

CAF_TEST_FIXTURE_SCOPE(amqp_single_active_consumer_tests, subscription_fixture)

CAF_TEST(where pulls are refused one message is consumed at a time until a fresh one is handled) {
  take_turns();
  arrive("old", 1);
  answer(*next(), verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now) == (acks{{1, reach::one}}));
  CAF_CHECK(work->next_intake(now) == step::nothing);
  arrive("new");
  CAF_CHECK(work->next_intake(now) == step::nothing); // another consumer would overtake it
  answer(*next(), verdict::done);
  CAF_CHECK(work->next_intake(now) == step::cancel_first);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  session();
  CAF_CHECK(work->next_intake(now) == step::taste);
}

CAF_TEST(what the first of two consumers has in hand is acknowledged when that one has ended) {
  take_turns();
  arrive("new");
  answer(*next(), verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now).empty()); // for which the broker would send another one
  CAF_REQUIRE(work->next_intake(now) == step::cancel_first);
  now += 1s;
  CAF_CHECK(work->next_acks(pressing::due, now).empty());
  const auto due = work->next_due(now);
  CAF_CHECK(!due || *due > now); // nobody spins meanwhile
  work->fetching_ended();
  CAF_CHECK(work->next_acks(pressing::due, now) == (acks{{1, reach::one}}));
  arrive("next");
  CAF_CHECK_EQUAL(ids(next()), (strings{"next"}));
}

CAF_TEST(the first of two consumers lasts while the handler pauses) {
  take_turns();
  arrive("new");
  answer(*next(), verdict::done, hold{1s, 1});
  CAF_CHECK(work->next_acks(pressing::due, now) == (acks{{1, reach::one}}));
  now += 1s;
  CAF_CHECK(work->next_intake(now) == step::nothing); // one is on its way, and would be in hand while others are active
  arrive("newer");
  answer(*next(), verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now).empty());
  CAF_CHECK(work->next_intake(now) == step::cancel_first);
}

CAF_TEST(the first of two consumers ends where a dead letter is refused for ever) {
  take_turns();
  arrive("large", 1);
  answer(*next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  work->published(letters[0].ticket, failure{errc::rejected, "too large"}, now);
  CAF_CHECK(work->next_intake(now) == step::cancel_first);
  arrive("other");
  CAF_CHECK_EQUAL(ids(next()), (strings{"other"}));
}

CAF_TEST(a drain of the only active consumer acknowledges nothing before all that the broker has sent is handled) {
  with.prefetch = 3;
  be_active();
  arrive("a");
  arrive("b");
  arrive("c");
  answer(*next(), verdict::done);
  work->drain();
  now += 1s;
  CAF_CHECK(work->next_acks(pressing::due, now).empty());
  const auto due = work->next_due(now);
  CAF_CHECK(!due || *due > now);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  CAF_CHECK(!work->settled_down());
  CAF_CHECK(work->next_of_end() == step::cancel); // nothing can be on its way
  CAF_CHECK(work->next_of_end() == step::nothing);
  CAF_CHECK(!work->settled_down());
  work->fetching_ended();
  CAF_CHECK(work->settled_down());
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{4, reach::all_up_to}}));
}

CAF_TEST(a drain of the only active consumer cancels nothing while more can be on its way) {
  be_active();
  arrive("a");
  const auto out = next();
  work->drain();
  CAF_CHECK(work->next_of_end() == step::nothing);
  CAF_CHECK(!work->settled_down());
  answer(*out, verdict::done);
  CAF_CHECK(work->next_of_end() == step::nothing);
  CAF_CHECK(work->settled_down()); // the channel is closed
}

CAF_TEST(a drain of the only active consumer gives back in order what a pausing handler does not take) {
  with.prefetch = 2;
  with.batch = 1;
  with.batches_in_flight = 1;
  be_active();
  arrive("a");
  arrive("b");
  answer(*next(), verdict::done, hold{15s, 1});
  work->drain();
  CAF_CHECK(!next());
  CAF_CHECK(work->next_of_end() == step::nothing);
  CAF_CHECK(work->settled_down());
  CAF_CHECK_EQUAL(work->unfinished(), 1u);
}

CAF_TEST(a drain of a consumer that waits to be active ends at once) {
  take_turns();
  work->drain();
  CAF_CHECK(work->next_intake(now) == step::nothing);
  CAF_CHECK(work->next_of_end() == step::nothing);
  CAF_CHECK(work->settled_down());
}

CAF_TEST(a drain of the first of two consumers ends both) {
  take_turns();
  arrive("a");
  const auto out = next();
  work->drain();
  answer(*out, verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now).empty());
  CAF_CHECK(work->next_of_end() == step::cancel_both);
  work->fetching_ended();
  CAF_CHECK(!work->settled_down());
  work->fetching_ended();
  CAF_CHECK(work->settled_down());
}

CAF_TEST(a conflict while nothing was pulled says nothing of pulling) {
  consume();
  work->met_conflict();
  session();
  CAF_CHECK(work->next_intake(now) == step::pull);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::amqp_test
