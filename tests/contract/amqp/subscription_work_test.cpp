#define CAF_SUITE amqp_subscription_work
#include <troupe_test/suite.hpp>

#include "subscription_fixture.hpp"

namespace troupe::amqp_test {

CAF_TEST_FIXTURE_SCOPE(amqp_subscription_work_tests, subscription_fixture)

CAF_TEST(a session pulls until a message comes that was not delivered before and consumes from then on) {
  begin();
  pull("old", 1);
  CAF_CHECK(work->next_intake(now) == step::nothing); // it is in hand
  answer(*next(), verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now) == (acks{{1, reach::one}}));
  pull("new");
  CAF_CHECK(work->next_intake(now) == step::consume);
  CAF_CHECK(work->next_intake(now) == step::nothing);
}

CAF_TEST(the message that was pulled last waits for those behind it but not for long) {
  begin();
  pull("first", 0, 3);
  CAF_CHECK(work->next_intake(now) == step::consume);
  CAF_CHECK(!next());
  arrive("second");
  CAF_CHECK(ids(next()) == (strings{"first", "second"}));
  session();
  work->gone(1, errc::unavailable, now);
  now += 10s;
  pull("alone", 0, 3);
  CAF_CHECK(work->next_intake(now) == step::consume);
  CAF_CHECK(!next());
  CAF_CHECK(work->next_due(now) == now + 100ms);
  now += 100ms;
  CAF_CHECK(ids(next()) == (strings{"alone"}));
}

CAF_TEST(the lag is what the broker has ready and what is unsettled here and no message is counted twice) {
  consume();
  const auto lag = [this] { return watcher->gauge_value("troupe_amqp_lag"); };
  arrive("a");
  CAF_CHECK_EQUAL(lag(), 0); // the broker has not said how many there are
  work->ready_are(3);
  CAF_CHECK_EQUAL(lag(), 4);
  arrive("b");
  CAF_CHECK_EQUAL(lag(), 4);
  answer(*next(), verdict::done);
  CAF_CHECK_EQUAL(lag(), 2);
  for (const auto* id : {"c", "d", "published since"})
    arrive(id);
  CAF_CHECK_EQUAL(lag(), 3);
  answer(*next(), verdict::done);
  CAF_CHECK_EQUAL(lag(), 0);
  work->ready_are(9);
  session(); // of which the broker has said nothing yet
  arrive("e");
  CAF_CHECK_EQUAL(lag(), 9);
}

CAF_TEST(what is settled is acknowledged in batches and nothing else is) {
  with.ack_after = 4;
  consume();
  for (const auto* id : {"a", "b", "c", "d", "e"})
    arrive(id);
  const auto first = next();
  CAF_REQUIRE_EQUAL(first->request.batch.size(), 4u);
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
  answer(*first, verdict::done);
  CAF_CHECK(work->next_acks(pressing::due, now) == (acks{{4, reach::all_up_to}}));
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
}

CAF_TEST(deliveries of a key wait behind the one that is parked) {
  consume();
  arrive("a", 0, "key");
  arrive("b", 0, "key");
  arrive("c", 0, "other");
  const auto first = next();
  work->answered(first->batch, {{{verdict::retry, away}, {verdict::untouched, {}}, {verdict::done, {}}}, {}}, now);
  CAF_CHECK(!next());
  CAF_CHECK(work->next_delays(now, civil).empty()); // few are parked: it waits here
  now += 10s;
  const auto second = next();
  CAF_CHECK(ids(second) == (strings{"a", "b"}));
  CAF_CHECK_EQUAL(second->request.batch[0].attempts, 1u);
}

CAF_TEST(beyond half the prefetch what is parked goes to a delay queue and is acknowledged when that is confirmed) {
  with.batch = 8;
  consume();
  for (const auto* id : {"a", "b", "c", "d", "e", "f"})
    arrive(id);
  answer(*next(), verdict::retry);
  auto delays = work->next_delays(now, civil);
  CAF_REQUIRE_EQUAL(delays.size(), 2u);
  CAF_CHECK_EQUAL(delays[0].content.id, "e");
  CAF_CHECK_EQUAL(delays[0].queue, "q.retry.10000");
  CAF_CHECK(delays[0].note == (retry_note{{1, 1}, civil}));
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
  work->published(delays[0].ticket, {}, now);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{5, reach::one}}));
  work->published(delays[1].ticket, away, now); // it waits here, and goes again
  CAF_CHECK(work->next_delays(now, civil).empty());
  now += 1s;
  delays = work->next_delays(now, civil);
  CAF_REQUIRE_EQUAL(delays.size(), 1u);
  CAF_CHECK_EQUAL(delays[0].content.id, "f");
  now += 10s;
  CAF_CHECK_EQUAL(next()->request.batch.size(), 4u); // that one may be there already
  work->published(delays[0].ticket, away, now);
  CAF_CHECK_EQUAL(next()->request.batch.size(), 1u);
}

CAF_TEST(what comes back from a delay queue keeps its attempts and its first failure) {
  with.redelivery.delays = {10s, 20s};
  consume();
  arrival back{{}, ++tag, arrival::manner::pushed};
  back.content.id = "a";
  back.note = retry_note{{2, 2}, civil - 30s};
  work->arrived(std::move(back), now);
  const auto out = next();
  CAF_CHECK_EQUAL(out->request.batch[0].attempts, 2u);
  answer(*out, verdict::retry); // its delays are spent
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  CAF_CHECK_EQUAL(letters[0].letter.attempts, 3u);
  CAF_CHECK(letters[0].letter.first_failure == civil - 30s);
  CAF_CHECK(letters[0].letter.last_failure == civil);
}

CAF_TEST(a dead letter is acknowledged only when it is published) {
  consume();
  arrive("a");
  answer(*next(), verdict::reject);
  auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->published(letters[0].ticket, away, now);
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
  now += 10s;
  letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->published(letters[0].ticket, {}, now);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{1, reach::one}}));
}

CAF_TEST(a dead letter that is refused for ever holds up its key and nothing else) {
  begin();
  pull("large", 1);
  answer(*next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->published(letters[0].ticket, failure{errc::rejected, "too large"}, now);
  pull("other", 0);
  CAF_CHECK(work->next_intake(now) == step::consume);
  CAF_CHECK(ids(next()) == (strings{"other"}));
  CAF_CHECK(work->next_letters(now, civil).empty());
  now += policies::partition_ledger::refused_letter_pause;
  const auto again = work->next_letters(now, civil); // somebody may have raised the limit
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  work->published(again[0].ticket, {}, now);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{1, reach::one}}));
}

CAF_TEST(a delivery that ended processes too often is set aside unseen) {
  begin();
  pull("poison", with.redelivery.process_ending_attempts); // the first one proves nothing
  CAF_CHECK(ids(next()) == (strings{"poison"}));
  session();
  work->gone(1, errc::unavailable, now);
  begin();
  pull("poison", with.redelivery.process_ending_attempts + 1);
  CAF_CHECK(!next());
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  CAF_CHECK_EQUAL(letters[0].letter.why.code, errc::actor_failed);
  CAF_CHECK_EQUAL(letters[0].letter.attempts, with.redelivery.process_ending_attempts);
}

CAF_TEST(what was delivered before is handed out alone) {
  consume();
  arrive("a");
  arrive("b", 1);
  arrive("c");
  const auto first = next();
  CAF_CHECK(ids(first) == (strings{"a"}));
  CAF_CHECK(!next());
  answer(*first, verdict::done);
  const auto second = next();
  CAF_CHECK(ids(second) == (strings{"b"}));
  CAF_CHECK(!next());
  answer(*second, verdict::done);
  CAF_CHECK(ids(next()) == (strings{"c"}));
}

CAF_TEST(lost sessions count against no delivery of this process) {
  begin();
  for (std::uint32_t lost = 0; lost < 20; ++lost) {
    pull("a", lost);
    session();
  }
  pull("a", 20);
  const auto out = next();
  CAF_REQUIRE(out.has_value());
  CAF_CHECK_EQUAL(out->request.batch[0].attempts, 0u);
  CAF_CHECK(work->next_letters(now, civil).empty());
}

CAF_TEST(an ending elsewhere between two lost sessions counts) {
  begin();
  pull("a", 0);
  session();
  pull("a", 1 + with.redelivery.process_ending_attempts); // somebody else had it so often, and did not survive it
  CAF_CHECK(!next());
  CAF_CHECK_EQUAL(work->next_letters(now, civil).size(), 1u);
}

CAF_TEST(retries that were counted are kept over a lost session) {
  consume();
  arrive("a");
  answer(*next(), verdict::retry);
  now += 10s;
  session();
  pull("a", 1);
  const auto out = next();
  CAF_REQUIRE(out.has_value());
  CAF_CHECK_EQUAL(out->request.batch[0].attempts, 1u);
  answer(*out, verdict::retry);
  CAF_CHECK_EQUAL(work->next_letters(now, civil).size(), 1u);
}

CAF_TEST(a lost session ends no delay and spends no attempt) {
  for (const auto* id : {"a", ""}) { // also of what has no id
    consume();
    arrive(id);
    answer(*next(), verdict::retry);
    now += 5s;
    session();
    pull(id, 1);
    CAF_CHECK(!next());
    CAF_CHECK(work->next_letters(now, civil).empty());
    const auto moved = work->next_delays(now, civil); // while it pulls nothing is kept in hand
    CAF_REQUIRE_EQUAL(moved.size(), 1u);
    CAF_CHECK_EQUAL(moved[0].note.count.attempts, 1u);
    CAF_CHECK_EQUAL(moved[0].note.count.answered, 1u);
  }
}

CAF_TEST(a delay beyond the consumer timeout is never held in hand) {
  with.redelivery.delays = {30s, 31s};
  consume();
  arrive("a");
  answer(*next(), verdict::retry);
  CAF_CHECK(work->next_delays(now, civil).empty());
  now += 30s;
  const auto again = next();
  CAF_REQUIRE(again.has_value());
  answer(*again, verdict::retry);
  const auto moved = work->next_delays(now, civil);
  CAF_REQUIRE_EQUAL(moved.size(), 1u);
  CAF_CHECK_EQUAL(moved[0].queue, "q.retry.31000");
}

CAF_TEST(an answer of a session that is lost is discarded and counted) {
  consume();
  arrive("a");
  const auto out = next();
  session();
  answer(*out, verdict::done);
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
  CAF_CHECK_EQUAL(watcher->value("troupe_amqp_stale_settlements_total"), 1);
}

CAF_TEST(a long pause gives everything back and then keeps one at a time until the handler goes on) {
  with.give_back_after = 1min;
  consume();
  for (const auto* id : {"a", "b", "c"})
    arrive(id);
  answer(*next(), verdict::untouched, hold{15s, 1});
  CAF_CHECK(!work->gives_back(now));
  now += 1min;
  CAF_CHECK(work->gives_back(now));
  session();
  CAF_CHECK(!work->gives_back(now));
  pull("a");
  CAF_CHECK(work->next_intake(now) == step::nothing); // not delivered before, and yet no consumer
  const auto probe = next();
  answer(*probe, verdict::untouched, hold{15s, 1});
  now += 15s;
  answer(*next(), verdict::done);
  pull("b");
  CAF_CHECK(work->next_intake(now) == step::consume);
}

CAF_TEST(while the handler pauses nothing is pulled) {
  begin();
  pull("a", 1);
  answer(*next(), verdict::reject, hold{15s, 1});
  work->published(work->next_letters(now, civil)[0].ticket, {}, now);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  now += 15s;
  CAF_CHECK(work->next_intake(now) == step::pull);
}

CAF_TEST(a message without an id gets one that it keeps) {
  consume();
  arrive("");
  arrive("");
  const auto out = next();
  CAF_REQUIRE_EQUAL(out->request.batch.size(), 2u);
  CAF_CHECK(out->request.batch[0].content.id.starts_with("q-"));
  CAF_CHECK_NOT_EQUAL(out->request.batch[0].content.id, out->request.batch[1].content.id);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace troupe::amqp_test
