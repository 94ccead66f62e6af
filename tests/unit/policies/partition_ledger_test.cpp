#define CAF_SUITE partition_ledger

#include <troupe_test/suite.hpp>

#include <string>
#include <vector>

#include "ledgers.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using namespace troupe_test;
using troupe::errc;
using troupe::reply;
using troupe::verdict;

CAF_TEST(the oldest arrival is that of the delivery that has been unsettled the longest) {
  partition_ledger ledger{{}, 0};
  CAF_CHECK(!ledger.oldest_arrival());
  ledger.fetched(0, std::nullopt, 0, at(1s));
  ledger.fetched(1, std::nullopt, 0, at(2s));
  ledger.fetched(2, std::nullopt, 0, at(3s));
  CAF_CHECK(ledger.oldest_arrival() == at(1s));
  CAF_REQUIRE_EQUAL(ledger.take(10, at(4s)).size(), 3U);
  settle(ledger, {1});
  CAF_CHECK(ledger.oldest_arrival() == at(1s));
  settle(ledger, {0});
  CAF_CHECK(ledger.oldest_arrival() == at(3s));
  settle(ledger, {2});
  CAF_CHECK(!ledger.oldest_arrival());
}

CAF_TEST(deliveries go out in order and move the watermark when they are done) {
  auto ledger = ledger_of({"", "", ""});
  CAF_CHECK(ledger.take(2, at(0s)) == (offsets{0, 1}));
  CAF_CHECK(ledger.take(2, at(0s)) == offsets{2});
  CAF_CHECK(ledger.take(2, at(0s)).empty());
  CAF_CHECK_EQUAL(ledger.in_flight(), 3U);
  settle(ledger, {1, 2});
  CAF_CHECK_EQUAL(ledger.watermark(), 0);
  settle(ledger, {0});
  CAF_CHECK_EQUAL(ledger.watermark(), 3);
  CAF_CHECK_EQUAL(ledger.unsettled(), 0U);
  CAF_CHECK(!ledger.next_due());
}

CAF_TEST(gaps are what stands before a settled delivery) {
  auto ledger = ledger_of({"a", "a", "b", "c"});
  CAF_CHECK(ledger.take(1, at(0s)) == offsets{0});
  CAF_CHECK(ledger.take(1, at(0s)) == offsets{2});
  CAF_CHECK(ledger.take_gaps(9, at(0s)).empty());
  settle(ledger, {2});
  CAF_CHECK(ledger.take_gaps(9, at(0s)).empty()); // one of its key is in flight
  settle(ledger, {0});
  CAF_CHECK(ledger.take_gaps(9, at(0s)) == offsets{1});
  settle(ledger, {1});
  CAF_CHECK(ledger.take_gaps(9, at(0s)).empty());
  CAF_CHECK_EQUAL(ledger.watermark(), 3);
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{3});
}

CAF_TEST(a reply with results that nobody has taken out is a reject) {
  auto ledger = ledger_of({""});
  CAF_REQUIRE_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, {verdict::done, {errc::none, {}}, {troupe::message{}}}, at(0s)) == settlement::dead_letter);
  CAF_CHECK_EQUAL(ledger.failures(0).why.code, errc::unsupported);
}

CAF_TEST(within a batch several of a key go together and across batches they wait) {
  auto ledger = ledger_of({"a", "a", "b", "a"});
  CAF_CHECK(ledger.take(2, at(0s)) == (offsets{0, 1}));
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{2});
  settle(ledger, {0});
  CAF_CHECK(ledger.take(9, at(0s)).empty());
  settle(ledger, {1});
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{3});
}

CAF_TEST(later deliveries of a key wait behind a parked one and others do not ) {
  auto ledger = ledger_of({"a", "a", "b"});
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{0, 1, 2}));
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK(ledger.replied(1, untouched, at(0s)) == settlement::released);
  CAF_CHECK(ledger.replied(2, done, at(0s)) == settlement::settled);
  CAF_CHECK(ledger.take(9, at(5s) - 1ns).empty());
  CAF_CHECK(ledger.next_due() == at(5s));
  CAF_CHECK(ledger.take(9, at(5s)) == (offsets{0, 1}));
  CAF_CHECK(!ledger.next_due());
}

CAF_TEST(a delivery that had its attempts elsewhere waits until it is due) {
  auto ledger = ledger_of({"", "", ""});
  ledger.park(1, at(5s));
  CAF_CHECK(ledger.is_parked(1));
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{0, 2}));
  CAF_CHECK(ledger.next_due() == at(5s));
  ledger.park(0, at(9s)); // it is with the handler
  CAF_CHECK(!ledger.is_parked(0));
  CAF_CHECK(ledger.take(9, at(5s)) == offsets{1});
}

CAF_TEST(neither a restart nor a rebalance ends a delay) {
  partition_ledger ledger{{{5s, 30s}, 5, 10}, 0};
  const std::vector<attempt_count> before{{2, 2}, {2, 1}, {3, 3}, {}}; // waiting; without an answer; delays spent; new
  for (std::int64_t offset = 0; offset < 4; ++offset) {
    const auto& count = before[static_cast<std::size_t>(offset)];
    CAF_REQUIRE(ledger.fetched(offset, std::nullopt, count.attempts, at(0s), count.answered));
    ledger.resume_delay(offset, at(0s));
  }
  CAF_CHECK(ledger.is_parked(0));
  for (std::int64_t offset = 1; offset < 4; ++offset)
    CAF_CHECK(!ledger.is_parked(offset));
  CAF_CHECK_EQUAL(*ledger.next_due(), at(30s));
}

CAF_TEST(a keyless delivery waits for nobody and nobody waits for it) {
  auto ledger = ledger_of({"", "a", ""});
  CAF_CHECK(ledger.take(1, at(0s)) == offsets{0});
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{1, 2}));
}

CAF_TEST(the delays grow and when they are spent it is a dead letter) {
  auto ledger = ledger_of({"a"});
  auto now = at(0s);
  for (const auto delay : redelivery_config{}.delays) {
    CAF_CHECK(ledger.take(1, now) == offsets{0});
    CAF_CHECK(ledger.replied(0, retry, now) == settlement::parked);
    CAF_CHECK(ledger.next_due() == now + delay);
    now += delay;
  }
  CAF_CHECK_EQUAL(ledger.attempts(0), 3U);
  CAF_CHECK(ledger.take(1, now) == offsets{0});
  CAF_CHECK(ledger.replied(0, retry, now) == settlement::dead_letter);
  CAF_CHECK_EQUAL(ledger.attempts(0), 4U);
  const auto& why = ledger.failures(0);
  CAF_CHECK(why.why == retry.why);
  CAF_CHECK(why.first == at(0s));
  CAF_CHECK(why.last == now);
}

CAF_TEST(a rejected delivery is a dead letter at once and settled only when that is acknowledged) {
  auto ledger = ledger_of({"a", "a"});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, reject, at(0s)) == settlement::dead_letter);
  CAF_CHECK(ledger.failures(0).why == reject.why);
  CAF_CHECK_EQUAL(ledger.watermark(), 0);
  CAF_CHECK(ledger.take(9, at(0s)).empty());
  CAF_CHECK(ledger.condemned(at(1h)).empty());
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::settled);
  CAF_CHECK_EQUAL(ledger.watermark(), 1);
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{1});
}

CAF_TEST(while a dead letter cannot be published the source pauses and tries again after a backoff) {
  auto ledger = ledger_of({"", ""});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, reject, at(0s)) == settlement::dead_letter);
  ledger.dead_letter_failed(0, away, at(0s));
  CAF_CHECK(ledger.take(9, at(1h)).empty());
  CAF_CHECK(!ledger.wants_more());
  CAF_CHECK(ledger.next_due() == at(100ms));
  CAF_CHECK(ledger.condemned(at(100ms) - 1ns).empty());
  CAF_CHECK(ledger.condemned(at(100ms)) == offsets{0});
  CAF_CHECK(ledger.condemned(at(1h)).empty());
  ledger.dead_letter_failed(0, away, at(1s));
  CAF_CHECK(ledger.next_due() == at(1200ms));
  CAF_CHECK(ledger.condemned(at(1200ms)) == offsets{0});
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::settled);
  CAF_CHECK(ledger.wants_more());
  CAF_CHECK(ledger.take(9, at(2s)) == offsets{1});
}

CAF_TEST(a dead letter that is refused for good holds up its key alone and is tried again) {
  auto ledger = ledger_of({"a", "a", "b", ""});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, reject, at(0s)) == settlement::dead_letter);
  ledger.dead_letter_refused(0, too_large, at(0s));
  CAF_CHECK(ledger.wants_more());
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{2, 3}));
  settle(ledger, {2, 3});
  CAF_CHECK_EQUAL(ledger.watermark(), 0);
  const auto due = at(partition_ledger::refused_letter_pause);
  CAF_CHECK(ledger.next_due() == due);
  CAF_CHECK(ledger.condemned(due - 1ns).empty());
  CAF_CHECK(ledger.condemned(due) == offsets{0});
  ledger.dead_letter_failed(0, away, due); // where they go is away
  CAF_CHECK(!ledger.wants_more());
  CAF_CHECK(ledger.condemned(due + 1s) == offsets{0});
  ledger.dead_letter_refused(0, too_large, due + 1s);
  CAF_CHECK(ledger.wants_more());
  CAF_CHECK(ledger.condemned(due + 1h) == offsets{0});
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::settled);
  CAF_CHECK(ledger.take(9, due + 1h) == offsets{1});
}

CAF_TEST(a stream goes on behind what is refused for as long as that takes) {
  auto ledger = ledger_of({""}, {.span_limit = 4});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, reject, at(0s)) == settlement::dead_letter);
  ledger.dead_letter_refused(0, too_large, at(0s));
  for (std::int64_t offset = 1; offset < 100; ++offset) {
    CAF_REQUIRE_EQUAL(ledger.room(), 3U);
    CAF_CHECK(ledger.fetched(offset, std::nullopt, 0, at(0s)));
    CAF_CHECK(ledger.take(1, at(0s)) == offsets{offset});
    settle(ledger, {offset});
  }
  CAF_CHECK_EQUAL(ledger.watermark(), 0);
  CAF_CHECK_EQUAL(ledger.unsettled(), 1U);
  CAF_CHECK(ledger.condemned(at(1h)) == offsets{0});
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::settled);
  CAF_CHECK_EQUAL(ledger.watermark(), 100);
  CAF_CHECK_EQUAL(ledger.room(), 4U);
}

CAF_TEST(an untouched delivery costs no attempt however often) {
  auto ledger = ledger_of({"a"});
  for (int i = 0; i < 50; ++i) {
    CAF_CHECK(ledger.take(1, at(0s)) == offsets{0});
    CAF_CHECK(ledger.replied(0, untouched, at(0s)) == settlement::released);
  }
  CAF_CHECK_EQUAL(ledger.attempts(0), 0U);
  CAF_CHECK(ledger.attempts_to_record().empty());
}

CAF_TEST(a reply to what is not in flight is stale and changes nothing) {
  auto ledger = ledger_of({""});
  CAF_CHECK(ledger.replied(0, done, at(0s)) == settlement::stale);
  CAF_CHECK(ledger.replied(7, done, at(0s)) == settlement::stale);
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  settle(ledger, {0});
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::stale);
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::stale);
  ledger.dead_letter_failed(0, away, at(0s));
  CAF_CHECK(ledger.wants_more());
}

CAF_TEST(a stream pauses at its span and a queue at what is unsettled) {
  redelivery_config config;
  config.span_limit = 3;
  for (const auto kind : {source_kind::stream, source_kind::queue}) {
    partition_ledger ledger{config, 0, kind};
    for (const auto offset : {0, 10, 20})
      ledger.fetched(offset, std::nullopt, 0, at(0s));
    CAF_CHECK(!ledger.wants_more());
    CAF_CHECK_EQUAL(ledger.take(9, at(0s)).size(), 3U);
    settle(ledger, {10, 20});
    CAF_CHECK_EQUAL(ledger.room(), kind == source_kind::stream ? 0U : 2U);
    settle(ledger, {0});
    CAF_CHECK_EQUAL(ledger.room(), 3U);
  }
}

CAF_TEST(a duplicate of what was fetched is refused) {
  auto ledger = ledger_of({"a", "a"});
  CAF_CHECK(!ledger.fetched(1, "a", 0, at(0s)));
  CAF_CHECK(!ledger.fetched(0, "b", 0, at(0s)));
  CAF_CHECK_EQUAL(ledger.unsettled(), 2U);
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{0, 1}));
}

CAF_TEST(holes are passed by the watermark) {
  partition_ledger ledger{{}, 5};
  ledger.fetched(7, std::nullopt, 0, at(0s));
  CAF_CHECK_EQUAL(ledger.watermark(), 7);
  ledger.skipped_to(12);
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  settle(ledger, {7});
  CAF_CHECK_EQUAL(ledger.watermark(), 12);
}

CAF_TEST(a parked delivery that is moved elsewhere is settled and lets its key go on) {
  auto ledger = ledger_of({"a", "a"});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(!ledger.move_begins(0));
  CAF_CHECK(ledger.moved(0) == settlement::stale);
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK_EQUAL(ledger.parked(), 1U);
  CAF_CHECK(ledger.move_begins(0));
  CAF_CHECK_EQUAL(ledger.parked(), 1U);
  CAF_CHECK(ledger.take(9, at(1h)).empty()); // it may be there already
  CAF_CHECK(ledger.moved(0) == settlement::settled);
  CAF_CHECK_EQUAL(ledger.parked(), 0U);
  CAF_CHECK(!ledger.next_due());
  CAF_CHECK(ledger.take(9, at(1h)) == offsets{1});
}

CAF_TEST(a parked delivery that could not be moved waits until it is due) {
  auto ledger = ledger_of({"a", "a"});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK(ledger.move_begins(0));
  CAF_CHECK(!ledger.next_due());
  ledger.move_failed(0, away, at(1s));
  CAF_CHECK(ledger.next_due() == at(5s));
  CAF_CHECK(ledger.take(9, at(5s) - 1ns).empty());
  CAF_CHECK(ledger.take(1, at(5s)) == offsets{0});
}

CAF_TEST(what is unknown has no attempts and no failures) {
  const auto ledger = ledger_of({});
  CAF_CHECK_EQUAL(ledger.attempts(3), 0U);
  CAF_CHECK(ledger.failures(3).why.code == errc::none);
  CAF_CHECK(!ledger.failures(3).first);
}

CAF_TEST(no credit takes nothing but time passes) {
  auto ledger = ledger_of({""});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK(ledger.take(0, at(5s)).empty());
  CAF_CHECK(!ledger.next_due());
  CAF_CHECK(ledger.take(1, at(5s)) == offsets{0});
}

CAF_TEST(what keeps deliveries from going on is reported with the time since when) {
  auto ledger = ledger_of({"a", "b", "c", "d"});
  CAF_CHECK(ledger.stalls().empty());
  CAF_CHECK_EQUAL(ledger.take(4, at(1s)).size(), 4U);
  using troupe::stall_reason;
  CAF_CHECK(ledger.stalls() == (troupe::stall_list{{stall_reason::handler, {errc::none, {}}, at(1s)}}));

  CAF_CHECK(ledger.replied(0, retry, at(2s)) == settlement::parked); // while others are in flight for longer
  CAF_CHECK(ledger.stalls() == (troupe::stall_list{{stall_reason::handler, {errc::none, {}}, at(1s)}}));
  settle(ledger, {1, 2});
  CAF_CHECK(ledger.replied(3, reject, at(3s)) == settlement::dead_letter);
  CAF_CHECK(ledger.stalls()
            == (troupe::stall_list{{stall_reason::handler, retry.why, at(2s)},
                                   {stall_reason::dead_letter, {errc::none, {}}, at(3s)}}));

  ledger.dead_letter_failed(3, away, at(4s));
  CAF_CHECK(ledger.condemned(at(5s)) == offsets{3});
  ledger.dead_letter_failed(3, {errc::forbidden, "no"}, at(5s));
  CAF_CHECK(ledger.move_begins(0));
  ledger.move_failed(0, away, at(6s));
  CAF_CHECK(ledger.stalls()
            == (troupe::stall_list{{stall_reason::retry, away, at(6s)},
                                   {stall_reason::dead_letter, {errc::forbidden, "no"}, at(3s)}}));
  CAF_CHECK(ledger.condemned(at(20s)) == offsets{3});
  CAF_CHECK(ledger.dead_letter_acknowledged(3) == settlement::settled);
  CAF_CHECK(ledger.take(4, at(20s)) == offsets{0});
  CAF_CHECK(ledger.stalls() == (troupe::stall_list{{stall_reason::handler, retry.why, at(2s)}}));
  settle(ledger, {0});
  CAF_CHECK(ledger.stalls().empty());
}
