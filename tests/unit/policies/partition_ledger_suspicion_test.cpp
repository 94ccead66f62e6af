#define CAF_SUITE partition_ledger_suspicion

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

namespace {

/// The only delivery of a ledger, whose handler is gone `times` times while it alone is in flight.
troupe::instant lose_alone(partition_ledger& ledger, int times, troupe::instant now) {
  for (int i = 0; i < times; ++i) {
    CAF_REQUIRE_EQUAL(ledger.take(10, now).size(), 1U);
    ledger.handler_gone(everything, now, errc::actor_failed);
    now += 10s;
  }
  return now;
}

} // namespace

CAF_TEST(a batch whose handler is gone is released in order after a backoff and costs no attempt) {
  auto ledger = ledger_of({"a", "a", "b"});
  CAF_CHECK_EQUAL(ledger.take(9, at(0s)).size(), 3U);
  ledger.handler_gone(everything, at(0s));
  CAF_CHECK_EQUAL(ledger.in_flight(), 0U);
  CAF_CHECK(ledger.next_due() == at(100ms));
  CAF_CHECK(ledger.take(9, at(100ms) - 1ns).empty());
  CAF_CHECK(ledger.take(9, at(100ms)) == (offsets{0, 1, 2}));
  ledger.handler_gone(everything, at(1s));
  CAF_CHECK(ledger.next_due() == at(1200ms));
  CAF_CHECK(ledger.attempts_to_record().empty());
}

CAF_TEST(an answer ends the row of gone handlers) {
  auto ledger = ledger_of({"", ""});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  ledger.handler_gone(everything, at(0s));
  CAF_CHECK_EQUAL(ledger.take(1, at(1s)).size(), 1U);
  settle(ledger, {0});
  CAF_CHECK_EQUAL(ledger.take(1, at(1s)).size(), 1U);
  ledger.handler_gone(everything, at(2s));
  CAF_CHECK(ledger.next_due() == at(2100ms));
}

CAF_TEST(one batch of several may lose its handler) {
  auto ledger = ledger_of({"", ""});
  const auto lost = ledger.take(1, at(0s));
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  ledger.handler_gone(lost, at(0s));
  CAF_CHECK_EQUAL(ledger.in_flight(), 1U);
  settle(ledger, {1});
  CAF_CHECK(ledger.take(9, at(1s)) == offsets{0});
}

CAF_TEST(after a handler failed its deliveries go out one at a time until each is answered) {
  auto ledger = ledger_of({"", "", "", ""});
  CAF_CHECK_EQUAL(ledger.take(2, at(0s)).size(), 2U);
  ledger.handler_gone(everything, at(0s), errc::actor_failed);
  CAF_CHECK(ledger.take(9, at(1s)) == offsets{0});
  CAF_CHECK(ledger.suspect_in_flight());
  CAF_CHECK(ledger.take(9, at(1s)).empty());
  settle(ledger, {0});
  CAF_CHECK(!ledger.suspect_in_flight());
  CAF_CHECK(ledger.take(9, at(1s)) == offsets{1});
  CAF_CHECK(ledger.replied(1, retry, at(1s)) == settlement::parked);
  CAF_CHECK(ledger.take(9, at(6s)) == (offsets{1, 2, 3}));
}

CAF_TEST(a delivery that ends its handler alone five times is condemned unseen) {
  auto ledger = ledger_of({"a", "a"});
  CAF_CHECK_EQUAL(ledger.take(9, at(0s)).size(), 2U);
  ledger.handler_gone(everything, at(0s), errc::actor_failed);
  CAF_CHECK_EQUAL(ledger.attempts(0), 0U);
  const auto now = lose_alone(ledger, 5, at(10s));
  CAF_CHECK_EQUAL(ledger.attempts(0), 5U);
  CAF_CHECK(ledger.take(9, now).empty());
  CAF_CHECK(ledger.condemned(now) == offsets{0});
  CAF_CHECK(ledger.failures(0).why.code == errc::actor_failed);
  CAF_CHECK(ledger.failures(0).first == at(10s));
  ledger.dead_letter_acknowledged(0);
  CAF_CHECK(ledger.take(9, now) == offsets{1});
  CAF_CHECK_EQUAL(ledger.attempts(1), 0U);
}

CAF_TEST(nothing is condemned because its handler is away) {
  auto ledger = ledger_of({""});
  auto now = at(0s);
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK_EQUAL(ledger.take(9, now).size(), 1U);
    ledger.handler_gone(everything, now, errc::unavailable);
    now += 10s;
  }
  CAF_CHECK_EQUAL(ledger.attempts(0), 0U);
  CAF_CHECK(ledger.condemned(now).empty());
}

CAF_TEST(a delivery that ended the process five times is never handed out) {
  partition_ledger ledger{{}, 0};
  ledger.fetched(0, "a", 5, at(0s));
  ledger.fetched(1, "a", 0, at(0s));
  ledger.fetched(2, "b", 0, at(0s));
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{2});
  CAF_CHECK(ledger.next_due() == at(0s));
  CAF_CHECK(ledger.condemned(at(0s)) == offsets{0});
  CAF_CHECK(ledger.failures(0).why.code == errc::actor_failed);
  CAF_CHECK_EQUAL(ledger.attempts(0), 5U);
  CAF_CHECK(ledger.dead_letter_acknowledged(0) == settlement::settled);
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{1});
}

CAF_TEST(attempts that were answered in an earlier life of the process condemn nobody) {
  partition_ledger ledger{{}, 0};
  ledger.fetched(0, "a", 6, at(0s), 2);
  CAF_CHECK(ledger.condemned(at(0s)).empty());
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{0});
  CAF_CHECK(ledger.replied(0, retry, at(0s)) == settlement::parked);
  CAF_CHECK(ledger.next_due() == at(5min));
}

CAF_TEST(after an unclean end the suspect span goes out one at a time and only the one in flight is recorded) {
  partition_ledger ledger{{}, 10};
  ledger.suspect_until(12);
  for (const auto offset : {10, 11, 12, 13})
    ledger.fetched(offset, std::nullopt, 0, at(0s));
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{10});
  CAF_CHECK(ledger.attempts_to_record() == (std::vector<attempted>{{10, {1, 0}}}));
  CAF_CHECK_EQUAL(ledger.attempts(10), 0U);
  CAF_CHECK(ledger.take(9, at(0s)).empty());
  settle(ledger, {10});
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{11});
  settle(ledger, {11});
  CAF_CHECK(ledger.attempts_to_record().empty());
  CAF_CHECK(ledger.take(9, at(0s)) == (offsets{12, 13}));
}

CAF_TEST(a suspect waits until nothing else is in flight) {
  partition_ledger ledger{{}, 0};
  ledger.fetched(0, std::nullopt, 0, at(0s));
  ledger.fetched(1, std::nullopt, 1, at(0s));
  ledger.fetched(2, std::nullopt, 0, at(0s));
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{0});
  CAF_CHECK(ledger.take(9, at(0s)).empty());
  settle(ledger, {0});
  CAF_CHECK(ledger.take(9, at(0s)) == offsets{1});
}

CAF_TEST(what to record is bounded and keeps those without an answer) {
  partition_ledger ledger{{}, 0};
  ledger.fetched(0, std::nullopt, 1, at(0s), 1);
  ledger.fetched(1, std::nullopt, 0, at(0s));
  ledger.fetched(2, std::nullopt, 3, at(0s), 1);
  ledger.fetched(3, std::nullopt, 2, at(0s));
  CAF_CHECK(ledger.attempts_to_record() == (std::vector<attempted>{{0, {1, 1}}, {2, {3, 1}}, {3, {2, 0}}}));
  CAF_CHECK(ledger.attempts_to_record(2) == (std::vector<attempted>{{2, {3, 1}}, {3, {2, 0}}}));
  CAF_CHECK(ledger.attempts_to_record(0).empty());
}

CAF_TEST(a handler that is gone is a stall until one answers) {
  auto ledger = ledger_of({"", ""});
  CAF_CHECK_EQUAL(ledger.take(1, at(0s)).size(), 1U);
  ledger.handler_gone(everything, at(1s), errc::unavailable);
  CAF_CHECK_EQUAL(ledger.take(1, at(9s)).size(), 1U);
  ledger.handler_gone(everything, at(9s), errc::unavailable);
  CAF_REQUIRE_EQUAL(ledger.stalls().size(), 1U);
  CAF_CHECK(ledger.stalls()[0].since == at(1s));
  CAF_CHECK_EQUAL(ledger.take(1, at(30s)).size(), 1U);
  settle(ledger, {0});
  CAF_CHECK(ledger.stalls().empty());
}
