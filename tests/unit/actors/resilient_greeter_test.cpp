#define CAF_SUITE resilient_greeter
#include "resilient_greeter_fixture.hpp"

using namespace troupe;
using namespace troupe_test;

CAF_TEST_FIXTURE_SCOPE(resilient_greeter_tests, resilient_greeter_fixture)

// -- deadline

CAF_TEST(a call is passed on as it came and its answer comes back) {
  auto what = call();
  what.forwarded = {{"x-tenant", "t"}};
  what.order = greeting_order::post_order;
  std::stop_source caller;
  what.abandoned = caller.get_token();
  const auto got = ask_it(what);
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->tree.own.at(0).id, "first");
  CAF_REQUIRE_EQUAL(remote.asked().size(), 1u);
  const auto& seen = remote.asked()[0];
  CAF_CHECK_EQUAL(seen.call_id, "call-1");
  CAF_CHECK(seen.answer_by == what.answer_by);
  CAF_CHECK(seen.forwarded == what.forwarded);
  CAF_CHECK(seen.order == what.order);
  CAF_CHECK(seen.abandoned == what.abandoned);
}

CAF_TEST(a call without a deadline gets the default one) {
  auto what = call();
  what.answer_by = {};
  remote.hold();
  const auto got = ask_it(what);
  CAF_CHECK(remote.asked().at(0).answer_by.remaining(now()) == 5s);
  pass(5s - 1ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  CAF_CHECK(error_of(got) == errc::deadline_exceeded);
}

CAF_TEST(a call with no time left fails at once and asks nobody) {
  auto late = call();
  late.answer_by = deadline{now()};
  CAF_CHECK(error_of(ask_it(late)) == errc::deadline_exceeded);
  CAF_CHECK(remote.asked().empty());
}

CAF_TEST(the deadline ends an attempt that is not answered and nothing is asked after it) {
  remote.hold();
  const auto got = ask_it(call(1s));
  pass(999ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  CAF_CHECK(error_of(got) == errc::deadline_exceeded);
  pass(10s);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
}

CAF_TEST(a retry whose wait would outlast the deadline is not made) {
  always_fail_with(errc::not_sent);
  const auto got = ask_it(call(25ms));
  CAF_CHECK(error_of(got) == errc::not_sent);
  pass(1s);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
}

CAF_TEST(each attempt gets what remains of the time) {
  fail_with({errc::not_sent, errc::not_sent});
  const auto what = call(1s);
  const auto begun = now();
  ask_it(what);
  pass(25ms);
  CAF_REQUIRE_EQUAL(remote.asked().size(), 2u);
  CAF_CHECK(remote.asked()[1].answer_by.at() == begun + 1s);
  remote.hold();
  pass(50ms);
  CAF_REQUIRE_EQUAL(remote.asked().size(), 3u);
  CAF_CHECK(remote.asked()[2].answer_by.at() == begun + 1s);
}

CAF_TEST(the deadline ends the last attempt too) {
  fail_with({errc::not_sent});
  const auto got = ask_it(call(1s));
  remote.hold();
  pass(25ms);
  CAF_REQUIRE_EQUAL(remote.asked().size(), 2u);
  pass(974ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  CAF_CHECK(error_of(got) == errc::deadline_exceeded);
  pass(10s);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
}

CAF_TEST(a late answer of an attempt that was given up answers nobody and harms no later call) {
  remote.hold();
  const auto late = ask_it(call(1s));
  pass(1s);
  CAF_CHECK(error_of(late) == errc::deadline_exceeded);
  greeting_answer stale;
  stale.missing.push_back({"stale", "greeting", errc::internal});
  remote.release(stale);
  settle();
  CAF_CHECK(!late->value);
  remote.stop_holding();
  const auto next = ask_it();
  CAF_REQUIRE(next->value);
  CAF_CHECK(next->value->complete());
}

// -- retry

CAF_TEST(attempts that failed together are not repeated together) {
  config.retry.jitter = 1;
  config.breaker.failures = 1000;
  always_fail_with(errc::not_sent);
  constexpr std::size_t callers = 20;
  for (std::size_t i = 0; i < callers; ++i)
    ask_it();
  pass(25ms);
  CAF_CHECK_EQUAL(remote.asked().size(), callers);
  pass(12500us);
  const auto asked = remote.asked().size();
  CAF_CHECK(asked > callers && asked < 2 * callers);
  pass(12500us);
  CAF_CHECK_EQUAL(remote.asked().size(), 2 * callers);
}

CAF_TEST(an attempt that failed is repeated under the same call id after its wait) {
  fail_with({errc::not_sent, errc::outcome_unknown});
  const auto got = ask_it();
  pass(24ms);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
  pass(49ms);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
  pass(1ms);
  CAF_REQUIRE_EQUAL(remote.asked().size(), 3u);
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->tree.own.at(0).id, "after all");
  for (const auto& seen : remote.asked())
    CAF_CHECK_EQUAL(seen.call_id, "call-1");
  CAF_CHECK_EQUAL(watcher->value("retries_total ", "service-b"), 2);
  CAF_CHECK_EQUAL(attempts("not_sent"), 1);
  CAF_CHECK_EQUAL(attempts("outcome_unknown"), 1);
  CAF_CHECK_EQUAL(attempts("success"), 1);
}

CAF_TEST(after the last retry the caller gets the last error) {
  fail_with({errc::not_sent, errc::not_sent, errc::unavailable, errc::internal});
  CAF_CHECK(error_of(outcome()) == errc::unavailable);
  CAF_CHECK_EQUAL(remote.asked().size(), 3u);
}

CAF_TEST(a callee that is not known to be idempotent is asked again only where the call was not sent) {
  config.callee = callee::any;
  for (const auto code : {errc::outcome_unknown, errc::deadline_exceeded, errc::unavailable}) {
    remote.asked().clear();
    fail_with({code});
    CAF_CHECK(error_of(outcome()) == code);
    CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  }
  remote.asked().clear();
  fail_with({errc::not_sent});
  CAF_CHECK(outcome()->value);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
}

CAF_TEST(a callee that asks for less is not asked again) {
  for (const auto code : {errc::overloaded, errc::throttled}) {
    remote.asked().clear();
    fail_with({code});
    CAF_CHECK(error_of(outcome()) == code);
    CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  }
}

CAF_TEST(what can never succeed is not asked again) {
  for (const auto code : {errc::rejected, errc::not_found, errc::undecodable, errc::forbidden, errc::internal}) {
    remote.asked().clear();
    fail_with({code});
    CAF_CHECK(error_of(outcome()) == code);
    CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  }
}

CAF_TEST(a partial answer is an answer) {
  remote.answer_with([](const greet&) -> caf::result<greeting_answer> {
    greeting_answer partial;
    partial.missing.push_back({"service-e", "greeting", errc::unavailable});
    return partial;
  });
  const auto got = outcome();
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->missing.size(), 1u);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  CAF_CHECK_EQUAL(attempts("partial"), 1);
}

CAF_TEST(a caller that has left gets no attempt) {
  std::stop_source caller;
  auto what = call();
  what.abandoned = caller.get_token();
  caller.request_stop();
  CAF_CHECK(error_of(ask_it(what)) == errc::cancelled);
  CAF_CHECK(remote.asked().empty());
}

CAF_TEST(a caller that leaves gets no retry whether it leaves during an attempt or during the wait) {
  for (const bool during_attempt : {true, false}) {
    std::stop_source caller;
    auto what = call();
    what.abandoned = caller.get_token();
    remote.asked().clear();
    remote.hold();
    const auto got = ask_it(what);
    if (during_attempt)
      caller.request_stop();
    remote.refuse({errc::not_sent, "as scripted"});
    settle();
    CAF_CHECK_EQUAL(got->pending(), !during_attempt);
    caller.request_stop();
    pass(1s);
    CAF_CHECK(error_of(got) == errc::cancelled);
    CAF_CHECK_EQUAL(remote.asked().size(), 1u);
    remote.stop_holding();
  }
}

// -- budget

CAF_TEST(when the budget is spent a failure is reported without a retry) {
  config.budget = {.percent = 0, .minimum = 2};
  config.breaker.failures = 1000;
  fail_with({errc::not_sent, errc::not_sent, errc::not_sent});
  CAF_CHECK(error_of(outcome()) == errc::not_sent);
  CAF_CHECK_EQUAL(remote.asked().size(), 3u);
  fail_with({errc::not_sent});
  const auto got = ask_it();
  CAF_CHECK(error_of(got) == errc::not_sent);
  CAF_CHECK_EQUAL(remote.asked().size(), 4u);
  CAF_CHECK_EQUAL(watcher->value("retries_withheld_total ", "service-b"), 1);
  pass(10s);
  fail_with({errc::not_sent});
  CAF_CHECK(outcome()->value);
}

CAF_TEST(first attempts earn the budget and retries do not) {
  config.budget = {.percent = 10, .minimum = 0};
  config.breaker.failures = 1000;
  for (int count = 0; count != 20; ++count)
    CAF_REQUIRE(ask_it()->value);
  remote.asked().clear();
  always_fail_with(errc::not_sent);
  for (int count = 0; count != 9; ++count)
    outcome();
  // 29 calls earn two retries.
  CAF_CHECK_EQUAL(remote.asked().size(), 9u + 2u);
}

// -- breaker

CAF_TEST(a callee that keeps failing is no longer asked and its callers are answered at once) {
  config.retry.attempts = 0;
  always_fail_with(errc::unavailable);
  for (int count = 0; count != 5; ++count)
    CAF_CHECK(error_of(ask_it()) == errc::unavailable);
  CAF_CHECK_EQUAL(breaker_shown(), 2);
  CAF_CHECK(error_of(ask_it()) == errc::breaker_open);
  CAF_CHECK_EQUAL(remote.asked().size(), 5u);
  CAF_CHECK_EQUAL(watcher->value("refused_total ", "breaker_open"), 1);
}

CAF_TEST(while a fault opens the breaker callers are turned away and after it the callee is asked as before) {
  const auto open = std::make_shared<policies::fault_switch>();
  config.open = open;
  CAF_CHECK(ask_it()->value);
  open->turn_on(now() + 10s);
  CAF_CHECK(error_of(ask_it()) == errc::breaker_open);
  CAF_CHECK_EQUAL(breaker_shown(), 0); // its own is closed
  CAF_CHECK_EQUAL(watcher->value("refused_total ", "breaker_open"), 1);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  pass(10s);
  CAF_CHECK(ask_it()->value);
  CAF_CHECK_EQUAL(breaker_shown(), 0);
}

CAF_TEST(after its time one probe is made and its success lets all through again) {
  config.retry.attempts = 0;
  always_fail_with(errc::unavailable);
  for (int count = 0; count != 5; ++count)
    ask_it();
  pass(15s);
  remote.hold();
  const auto probe = ask_it();
  CAF_CHECK_EQUAL(breaker_shown(), 1);
  CAF_CHECK(error_of(ask_it()) == errc::breaker_open);
  CAF_CHECK_EQUAL(remote.asked().size(), 6u);
  remote.release({});
  settle();
  CAF_CHECK(probe->value);
  CAF_CHECK_EQUAL(breaker_shown(), 0);
  remote.stop_holding();
  remote.answer_with([](const greet&) { return say("again"); });
  CAF_CHECK(ask_it()->value);
}

CAF_TEST(a probe that fails leaves the breaker open for its time again) {
  config.retry.attempts = 0;
  always_fail_with(errc::unavailable);
  for (int count = 0; count != 5; ++count)
    ask_it();
  pass(15s);
  CAF_CHECK(error_of(ask_it()) == errc::unavailable);
  pass(15s - 1ms);
  CAF_CHECK(error_of(ask_it()) == errc::breaker_open);
  pass(1ms);
  CAF_CHECK(error_of(ask_it()) == errc::unavailable);
  CAF_CHECK_EQUAL(remote.asked().size(), 7u);
}

CAF_TEST(errors that say nothing of the callee do not open the breaker) {
  always_fail_with(errc::rejected);
  for (int count = 0; count != 10; ++count)
    CAF_CHECK(error_of(ask_it()) == errc::rejected);
  CAF_CHECK_EQUAL(breaker_shown(), 0);
}

CAF_TEST(callers who give too little time do not open the breaker for the others) {
  remote.hold();
  for (int count = 0; count != 30; ++count) {
    const auto got = ask_it(call(90ms));
    pass(90ms);
    CAF_CHECK(error_of(got) == errc::deadline_exceeded);
  }
  CAF_CHECK_EQUAL(breaker_shown(), 0);
  CAF_CHECK_EQUAL(remote.asked().size(), 30u);
}

CAF_TEST(callers who give less time than a slow callee usually takes do not open the breaker) {
  remote.hold();
  for (int count = 0; count != 10; ++count) {
    const auto got = ask_it();
    pass(2s);
    remote.release({});
    settle();
    CAF_CHECK(got->value);
  }
  for (int count = 0; count != 30; ++count) {
    ask_it(call(1500ms));
    pass(1500ms);
  }
  CAF_CHECK_EQUAL(breaker_shown(), 0);
  for (int count = 0; count != 5; ++count) {
    ask_it();
    pass(5s);
  }
  CAF_CHECK_EQUAL(breaker_shown(), 2);
}

CAF_TEST(a probe whose caller gives too little time leaves the probe to the next) {
  config.retry.attempts = 0;
  always_fail_with(errc::unavailable);
  for (int count = 0; count != 5; ++count)
    ask_it();
  pass(15s);
  remote.hold();
  ask_it(call(10ms));
  pass(10ms);
  CAF_CHECK_EQUAL(breaker_shown(), 1);
  remote.stop_holding();
  remote.answer_with([](const greet&) { return say("again"); });
  CAF_CHECK(ask_it()->value);
  CAF_CHECK_EQUAL(breaker_shown(), 0);
}

CAF_TEST(callers whom the callee refuses do not open the breaker for the others) {
  for (const auto code : {errc::unauthenticated, errc::forbidden, errc::throttled, errc::rejected, errc::invalid}) {
    always_fail_with(code);
    for (int count = 0; count != 10; ++count)
      CAF_CHECK(error_of(ask_it()) == code);
  }
  CAF_CHECK_EQUAL(breaker_shown(), 0);
}

CAF_TEST(callers who leave do not open the breaker whatever became of their calls) {
  config.retry.attempts = 0;
  remote.hold();
  for (int count = 0; count != 10; ++count) {
    std::stop_source leaving;
    auto what = call();
    what.abandoned = leaving.get_token();
    ask_it(what);
    leaving.request_stop();
    pass(5s);
  }
  CAF_CHECK_EQUAL(breaker_shown(), 0);
}

CAF_TEST(a callee that never answers opens the breaker too) {
  config.retry.attempts = 0;
  remote.hold();
  for (int count = 0; count != 5; ++count) {
    const auto got = ask_it(call(1s));
    pass(1s);
    CAF_CHECK(error_of(got) == errc::deadline_exceeded);
  }
  CAF_CHECK(error_of(ask_it()) == errc::breaker_open);
}

CAF_TEST(a call whose attempt opened the breaker reports at once what that attempt came to) {
  config.breaker.failures = 1;
  always_fail_with(errc::outcome_unknown);
  const auto got = ask_it();
  CAF_CHECK(error_of(got) == errc::outcome_unknown);
  pass(1s);
  CAF_CHECK_EQUAL(remote.asked().size(), 1u);
  CAF_CHECK_EQUAL(watcher->value("retries_total ", "service-b"), 0);
}

CAF_TEST(a retry that meets an open breaker reports what the attempt before came to) {
  config.breaker.failures = 2;
  fail_with({errc::outcome_unknown, errc::unavailable});
  const auto first = ask_it();
  // Another call opens the breaker while the first one waits.
  const auto other = ask_it();
  CAF_CHECK(first->pending());
  pass(25ms);
  CAF_CHECK(error_of(first) == errc::outcome_unknown);
  CAF_CHECK(error_of(other) == errc::unavailable);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
}

// -- log

CAF_TEST(why calls fail is logged once a minute for each error and not where it is their callers fault) {
  config.breaker.failures = 1000;
  for (const auto code : {errc::unsupported, errc::not_found}) {
    always_fail_with(code);
    for (int count = 0; count != 3; ++count)
      ask_it();
  }
  CAF_CHECK_EQUAL(watcher->warnings, (std::vector<std::string>{"a call of service-b failed: unsupported: as scripted",
                                                               "a call of service-b failed: not_found: as scripted"}));
  pass(1min);
  ask_it();
  CAF_CHECK_EQUAL(watcher->warnings.size(), 3u);
  remote.hold();
  ask_it(call(10ms));
  pass(10ms);
  CAF_CHECK_EQUAL(watcher->warnings.size(), 3u);
}

// -- bounds, failures and spans

CAF_TEST(calls beyond the bound are refused at once and room comes back with every answer) {
  config.in_flight = 2;
  remote.hold();
  const auto first = ask_it();
  const auto second = ask_it(call(1s));
  CAF_CHECK(error_of(ask_it()) == errc::overloaded);
  CAF_CHECK_EQUAL(watcher->value("refused_total ", "overloaded"), 1);
  CAF_CHECK_EQUAL(remote.asked().size(), 2u);
  remote.release({});
  settle();
  CAF_CHECK(first->value);
  pass(1s);
  CAF_CHECK(!second->pending());
  const auto third = ask_it();
  const auto fourth = ask_it();
  CAF_CHECK(third->pending() && fourth->pending());
  CAF_CHECK(error_of(ask_it()) == errc::overloaded);
}

CAF_TEST(calls under way when the actor ends fail at once) {
  remote.hold();
  const auto waiting = ask_it();
  end(std::exchange(spawned, nullptr));
  CAF_CHECK(error_of(waiting) != errc::none);
}

CAF_TEST(every attempt has a span of its own that ends with its outcome) {
  fail_with({errc::not_sent});
  outcome();
  CAF_REQUIRE_EQUAL(remote.asked().size(), 2u);
  CAF_CHECK(remote.asked()[0].trace.span_id != remote.asked()[1].trace.span_id);
  CAF_CHECK(watcher->ended == (std::vector<errc>{errc::not_sent, errc::none}));
}

CAF_TEST_FIXTURE_SCOPE_END()
