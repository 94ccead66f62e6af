#define CAF_SUITE amqp_subscription_work
#include <troupe_test/suite.hpp>

#include <algorithm>

#include <troupe/bridges/amqp/subscription_work.hpp>

#include "../recording_observer.hpp"

using namespace troupe;
using namespace troupe::amqp;
using namespace std::chrono_literals;

namespace {

using step = intake::step;
using acks = std::vector<ack>;
using pressing = ack_batch::pressing;

const failure away{errc::unavailable, "away"};

// Drives the decisions by hand: no session, no actors, and time that only the test moves.
struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "q"};
  subscription with;
  instant now{1h};
  timestamp civil{1h};
  std::optional<subscription_work> work;
  std::uint64_t tag = 0;

  fixture() {
    with.from = work_queue("q");
    with.prefetch = 8;
    with.batch = 4;
    with.redelivery.delays = {10s};
  }

  void begin() {
    work.emplace(with, "service", metrics, random_source{[word = std::uint64_t{1}]() mutable { return ++word; }});
    session();
  }
  void session() {
    tag = 0;
    work->begun(now);
  }
  /// A session that consumes.
  void consume() {
    begin();
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    work->found_nothing(now);
    CAF_REQUIRE(work->next_intake(now) == step::consume);
  }

  /// A session where nobody may pull, with two consumers.
  void take_turns() {
    begin();
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    work->met_conflict();
    session();
    CAF_REQUIRE(work->next_intake(now) == step::taste);
  }
  /// The same, after the first of them has ended.
  void be_active() {
    take_turns();
    arrive("first");
    answer(*next(), verdict::done);
    CAF_REQUIRE(work->next_intake(now) == step::cancel_first);
    work->fetching_ended();
    CAF_REQUIRE_EQUAL(work->next_acks(pressing::now, now).size(), 1u);
  }

  void arrive(const std::string& id, std::uint32_t delivered_before = 0, const std::string& key = {},
              arrival::manner how = arrival::manner::pushed, std::uint32_t left = 0) {
    arrival made{++tag, how, delivered_before > 0, left, {}};
    made.what.content.id = id;
    made.what.delivery_count = delivered_before;
    if (!key.empty())
      made.what.content.key = key;
    work->arrived(std::move(made), now);
  }
  void pull(const std::string& id, std::uint32_t delivered_before = 0, std::uint32_t left = 0) {
    CAF_REQUIRE(work->next_intake(now) == step::pull);
    arrive(id, delivered_before, {}, arrival::manner::pulled, left);
  }

  /// Of a session that consumes.
  void drain() {
    work->drain();
    CAF_REQUIRE(work->next_intake(now) == step::cancel);
  }

  std::vector<std::string> ids(const std::optional<hand_out>& out) {
    std::vector<std::string> result;
    for (const auto& each : out ? out->what.batch : std::vector<delivery>{})
      result.push_back(each.content.id);
    return result;
  }
  std::optional<hand_out> next() { return work->next_hand_out(now); }
  void answer(const hand_out& what, verdict how, std::optional<hold> pause = std::nullopt) {
    work->answered(what.batch, {std::vector<reply>(what.what.batch.size(), {how, away}), pause}, now);
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(amqp_subscription_work_tests, fixture)

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

CAF_TEST(what is settled is acknowledged in batches and nothing else is) {
  with.ack_after = 4;
  consume();
  for (const auto* id : {"a", "b", "c", "d", "e"})
    arrive(id);
  const auto first = next();
  CAF_REQUIRE_EQUAL(first->what.batch.size(), 4u);
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
  CAF_CHECK_EQUAL(second->what.batch[0].attempts, 1u);
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
  work->delay_published(delays[0].ticket, {}, now);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{5, reach::one}}));
  work->delay_published(delays[1].ticket, away, now); // it waits here, and goes again
  CAF_CHECK(work->next_delays(now, civil).empty());
  now += 1s;
  delays = work->next_delays(now, civil);
  CAF_REQUIRE_EQUAL(delays.size(), 1u);
  CAF_CHECK_EQUAL(delays[0].content.id, "f");
  now += 10s;
  CAF_CHECK_EQUAL(next()->what.batch.size(), 4u); // that one may be there already
  work->delay_published(delays[0].ticket, away, now);
  CAF_CHECK_EQUAL(next()->what.batch.size(), 1u);
}

CAF_TEST(what comes back from a delay queue keeps its attempts and its first failure) {
  with.redelivery.delays = {10s, 20s};
  consume();
  arrival back{++tag, arrival::manner::pushed, false, 0, {}};
  back.what.content.id = "a";
  back.what.note = retry_note{{2, 2}, civil - 30s};
  work->arrived(std::move(back), now);
  const auto out = next();
  CAF_CHECK_EQUAL(out->what.batch[0].attempts, 2u);
  answer(*out, verdict::retry); // its delays are spent
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  CAF_CHECK_EQUAL(letters[0].what.attempts, 3u);
  CAF_CHECK(letters[0].what.first_failure == civil - 30s);
  CAF_CHECK(letters[0].what.last_failure == civil);
}

CAF_TEST(a dead letter is acknowledged only when it is published) {
  consume();
  arrive("a");
  answer(*next(), verdict::reject);
  auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->letter_published(letters[0].ticket, away, now);
  CAF_CHECK(work->next_acks(pressing::now, now).empty());
  now += 10s;
  letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->letter_published(letters[0].ticket, {}, now);
  CAF_CHECK(work->next_acks(pressing::now, now) == (acks{{1, reach::one}}));
}

CAF_TEST(a dead letter that is refused for ever holds up its key and nothing else) {
  begin();
  pull("large", 1);
  answer(*next(), verdict::reject);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  work->letter_published(letters[0].ticket, failure{errc::rejected, "too large"}, now);
  pull("other", 0);
  CAF_CHECK(work->next_intake(now) == step::consume);
  CAF_CHECK(ids(next()) == (strings{"other"}));
  CAF_CHECK(work->next_letters(now, civil).empty());
  now += policies::partition_ledger::refused_letter_pause;
  const auto again = work->next_letters(now, civil); // somebody may have raised the limit
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  work->letter_published(again[0].ticket, {}, now);
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
  CAF_CHECK_EQUAL(letters[0].what.why.code, errc::actor_failed);
  CAF_CHECK_EQUAL(letters[0].what.attempts, with.redelivery.process_ending_attempts);
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
  CAF_CHECK_EQUAL(out->what.batch[0].attempts, 0u);
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
  CAF_CHECK_EQUAL(out->what.batch[0].attempts, 1u);
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

CAF_TEST(a delay beyond what a broker bears is never held in hand) {
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

CAF_TEST(where nobody may pull one is consumed at a time until a fresh one is handled) {
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
  work->letter_published(letters[0].ticket, failure{errc::rejected, "too large"}, now);
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
  work->letter_published(work->next_letters(now, civil)[0].ticket, {}, now);
  CAF_CHECK(work->next_intake(now) == step::nothing);
  now += 15s;
  CAF_CHECK(work->next_intake(now) == step::pull);
}

CAF_TEST(a message without an id gets one that it keeps) {
  consume();
  arrive("");
  arrive("");
  const auto out = next();
  CAF_REQUIRE_EQUAL(out->what.batch.size(), 2u);
  CAF_CHECK(out->what.batch[0].content.id.starts_with("q-"));
  CAF_CHECK_NOT_EQUAL(out->what.batch[0].content.id, out->what.batch[1].content.id);
}

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
    work->delay_published(each.ticket, {}, now);
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
