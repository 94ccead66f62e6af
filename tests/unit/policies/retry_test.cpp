#define CAF_SUITE retry

#include <troupe_test/suite.hpp>

#include <vector>

#include <troupe/policies/retry.hpp>

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::duration;
using troupe::errc;

namespace {

constexpr auto last_code = static_cast<int>(errc::internal);

std::vector<errc> every_code() {
  std::vector<errc> all;
  for (int code = 0; code <= last_code; ++code)
    all.push_back(static_cast<errc>(code));
  return all;
}

} // namespace

CAF_TEST(a transient error is retried three times with doubling waits) {
  CAF_CHECK(retry_delay({}, errc::unavailable, 0) == duration{100ms});
  CAF_CHECK(retry_delay({}, errc::unavailable, 1) == duration{200ms});
  CAF_CHECK(retry_delay({}, errc::unavailable, 2) == duration{400ms});
  CAF_CHECK(!retry_delay({}, errc::unavailable, 3));
  CAF_CHECK(!retry_delay({}, errc::unavailable, 4'000'000'000U));
}

CAF_TEST(exactly the transient errors are retried in place) {
  for (const auto code : every_code())
    CAF_CHECK_EQUAL(retry_delay({}, code, 0).has_value(), troupe::is_transient(code));
}

CAF_TEST(waits beyond the range of durations stay in it) {
  CAF_CHECK(retry_delay({1000, 1h, 10}, errc::unavailable, 900) == duration::max());
}

CAF_TEST(an outbound call that was not sent may be sent again whoever is called) {
  CAF_CHECK(may_retry_outbound(errc::not_sent, callee::any));
  CAF_CHECK(may_retry_outbound(errc::not_sent, callee::idempotent));
}

CAF_TEST(an outbound call that may have arrived is sent again only where that is harmless) {
  for (const auto code : {errc::outcome_unknown, errc::deadline_exceeded, errc::unavailable}) {
    CAF_CHECK(may_retry_outbound(code, callee::idempotent));
    CAF_CHECK(!may_retry_outbound(code, callee::any));
  }
}

CAF_TEST(no other outbound failure is retried) {
  int retried = 0;
  for (const auto code : every_code())
    retried += may_retry_outbound(code, callee::idempotent) ? 1 : 0;
  CAF_CHECK_EQUAL(retried, 4);
  CAF_CHECK(!may_retry_outbound(errc::overloaded, callee::idempotent));
  CAF_CHECK(!may_retry_outbound(errc::throttled, callee::idempotent));
  CAF_CHECK(!may_retry_outbound(errc::breaker_open, callee::idempotent));
}

CAF_TEST(an outbound call is retried twice) {
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 0, 5s, 0) == duration{25ms});
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 1, 5s, 0) == duration{50ms});
  CAF_CHECK(!outbound_retry_delay({}, errc::not_sent, callee::any, 2, 5s, 0));
  CAF_CHECK(!outbound_retry_delay({}, errc::unavailable, callee::any, 0, 5s, 0));
}

CAF_TEST(an outbound call waits up to half as long again at random) {
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 0, 5s, 0.5) == duration{31250us});
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 1, 5s, 0.5) == duration{62500us});
  CAF_CHECK(outbound_retry_delay({.jitter = 0}, errc::not_sent, callee::any, 1, 5s, 0.5) == duration{50ms});
}

CAF_TEST(an outbound call is retried only when time is left after the wait) {
  CAF_CHECK(!outbound_retry_delay({}, errc::not_sent, callee::any, 0, 25ms, 0));
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 0, 25ms + 1ns, 0).has_value());
  CAF_CHECK(outbound_retry_delay({}, errc::not_sent, callee::any, 0, duration::max(), 0).has_value());
}
