#define CAF_SUITE wire_deadline

#include <chrono>
#include <string>
#include <string_view>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/deadline.hpp>

#include "generated.hpp"
#include "refusal.hpp"

using namespace troupe;
using namespace troupe_test;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

} // namespace

CAF_TEST(no limit never passes and leaves all the time there is) {
  const deadline none;
  CAF_CHECK(!none.limited());
  CAF_CHECK(!none.passed(start));
  CAF_CHECK(none.remaining(start) == duration::max());
}

CAF_TEST(a deadline has passed at its instant and leaves nothing after it) {
  const auto limit = deadline::after(5s, start);
  CAF_CHECK(limit.limited());
  CAF_CHECK(limit.remaining(start + 2s) == 3s);
  CAF_CHECK(!limit.passed(start + 5s - 1ns));
  CAF_CHECK(limit.passed(start + 5s));
  CAF_CHECK(limit.remaining(start + 6s) == 0s);
  CAF_CHECK(deadline::after(-1s, start).passed(start));
}

CAF_TEST(a span that ends after the clock does is no limit) {
  CAF_CHECK(!deadline::after(duration::max(), start).limited());
  CAF_CHECK(!deadline::after(deadline{}.remaining(start), start).limited());
  CAF_CHECK(deadline::after(24h * 365 * 200, start).limited());
}

CAF_TEST(the sooner of two deadlines is the one that passes first) {
  const auto early = deadline::after(1s, start);
  const auto late = deadline::after(2s, start);
  CAF_CHECK(early.sooner(late) == early);
  CAF_CHECK(late.sooner(early) == early);
  CAF_CHECK(deadline{}.sooner(late) == late);
}

CAF_TEST(the wire form takes the finest unit that needs no more than eight digits and rounds down) {
  CAF_CHECK_EQUAL(to_grpc_timeout(0s), "0n");
  CAF_CHECK_EQUAL(to_grpc_timeout(-1s), "0n");
  CAF_CHECK_EQUAL(to_grpc_timeout(1ns), "1n");
  CAF_CHECK_EQUAL(to_grpc_timeout(99999999ns), "99999999n");
  CAF_CHECK_EQUAL(to_grpc_timeout(100000000ns), "100000u");
  CAF_CHECK_EQUAL(to_grpc_timeout(100000999ns), "100000u");
  CAF_CHECK_EQUAL(to_grpc_timeout(5s), "5000000u");
  CAF_CHECK_EQUAL(to_grpc_timeout(30min), "1800000m");
  CAF_CHECK_EQUAL(to_grpc_timeout(24h * 365), "31536000S");
  CAF_CHECK_EQUAL(to_grpc_timeout(24h * 365 * 10), "5256000M");
  CAF_CHECK_EQUAL(to_grpc_timeout(24h * 365 * 200), "1752000H");
  CAF_CHECK_EQUAL(to_grpc_timeout(duration::max()), "2562047H");
}

CAF_TEST(every unit of the wire form is read) {
  CAF_CHECK(*parse_grpc_timeout("7n") == 7ns);
  CAF_CHECK(*parse_grpc_timeout("7u") == 7us);
  CAF_CHECK(*parse_grpc_timeout("7m") == 7ms);
  CAF_CHECK(*parse_grpc_timeout("7S") == 7s);
  CAF_CHECK(*parse_grpc_timeout("7M") == 7min);
  CAF_CHECK(*parse_grpc_timeout("7H") == 7h);
  CAF_CHECK(*parse_grpc_timeout("00000007S") == 7s);
  CAF_CHECK(*parse_grpc_timeout("99999999M") == 99999999min);
}

CAF_TEST(a wire form beyond what the clock can hold is the longest that it can) {
  CAF_CHECK(*parse_grpc_timeout("2562047H") == 2562047h);
  CAF_CHECK(*parse_grpc_timeout("2562048H") == 2562047h);
  CAF_CHECK(*parse_grpc_timeout("99999999H") == 2562047h);
}

CAF_TEST(a wire form that is ill formed is refused with its place) {
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("")), "undecodable: grpc-timeout: expected digits and a unit, found nothing");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("S")),
                  "undecodable: grpc-timeout: expected 1 to 8 digits before the unit, found 0 characters");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("123456789n")),
                  "undecodable: grpc-timeout: expected 1 to 8 digits before the unit, found 9 characters");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("12")),
                  "undecodable: grpc-timeout, character 2: expected one of the units H, M, S, m, u, n");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("5s")),
                  "undecodable: grpc-timeout, character 2: expected one of the units H, M, S, m, u, n");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("1 S")), "undecodable: grpc-timeout, character 2: expected a digit");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("-1S")), "undecodable: grpc-timeout, character 1: expected a digit");
  CAF_CHECK_EQUAL(refusal(parse_grpc_timeout("1.5S")), "undecodable: grpc-timeout, character 2: expected a digit");
}

CAF_TEST(what is read back is never longer than what was written and at most a hundred thousandth shorter) {
  generated any;
  for (int i = 0; i < 20000; ++i) {
    const duration span{static_cast<duration::rep>(any.word() >> (1 + any.below(60)))};
    const auto text = to_grpc_timeout(span);
    CAF_REQUIRE(text.size() <= 9);
    const auto back = parse_grpc_timeout(text);
    CAF_REQUIRE_EQUAL(refusal(back), "accepted");
    CAF_REQUIRE(*back <= span);
    CAF_REQUIRE(span - *back <= span / 100'000);
    CAF_REQUIRE_EQUAL(to_grpc_timeout(*back), text);
  }
}
