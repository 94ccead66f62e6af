#include <chrono>
#include <string>

#define CAF_SUITE telemetry_repetition
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/repetition.hpp>

namespace {

using namespace std::chrono_literals;
using troupe::instant;
using troupe::speaker;
using troupe::telemetry::repetition;

constexpr instant begin{1h};
constexpr speaker greeter{"service-a", "greeter"};

troupe::source_location here(troupe::source_location where = troupe::source_location::current()) {
  return where;
}

bool admitted(repetition& subject, const speaker& who, troupe::source_location where, instant now,
              std::string_view text = "failed") {
  return subject.admit(who, text, where, now) == repetition::decision::write;
}

} // namespace

CAF_TEST(of a source line a number of lines a second are written and the rest are reported once) {
  repetition subject{3};
  const auto where = here();
  auto written = 0;
  for (auto i = 0; i < 10; ++i)
    written += admitted(subject, greeter, where, begin + i * 10ms, "failed at " + std::to_string(i)) ? 1 : 0;
  CAF_CHECK_EQUAL(written, 3);
  CAF_CHECK(subject.unreported());
  CAF_CHECK(subject.due(begin + 30ms + 999ms).empty());
  const auto reported = subject.due(begin + 30ms + 1s);
  CAF_REQUIRE_EQUAL(reported.size(), 1u);
  CAF_CHECK_EQUAL(reported[0].count, 7u);
  CAF_CHECK_EQUAL(reported[0].service, "service-a");
  CAF_CHECK_EQUAL(reported[0].actor, "greeter");
  CAF_CHECK_EQUAL(reported[0].last_text, "failed at 9");
  CAF_CHECK_EQUAL(reported[0].where.line(), where.line());
  CAF_CHECK(subject.due(begin + 1h).empty());
  CAF_CHECK(!subject.unreported());
}

CAF_TEST(a new second admits lines again) {
  repetition subject{1};
  const auto where = here();
  CAF_CHECK(admitted(subject, greeter, where, begin));
  CAF_CHECK(!admitted(subject, greeter, where, begin + 999ms));
  CAF_CHECK(admitted(subject, greeter, where, begin + 1s));
  CAF_CHECK(!admitted(subject, greeter, where, begin + 1s + 1ms));
}

CAF_TEST(a storm that does not end is reported every second) {
  repetition subject{1};
  const auto where = here();
  std::uint64_t reported = 0;
  std::uint64_t written = 0;
  for (auto i = 0; i < 100; ++i) {
    const auto now = begin + i * 50ms;
    written += admitted(subject, greeter, where, now) ? 1 : 0;
    for (const auto& each : subject.due(now))
      reported += each.count;
  }
  CAF_CHECK_EQUAL(written, 5u);
  CAF_CHECK_GREATER_OR_EQUAL(reported, 60u);
  for (const auto& each : subject.rest())
    reported += each.count;
  CAF_CHECK_EQUAL(written + reported, 100u);
}

CAF_TEST(other speakers and other source lines are not limited) {
  repetition subject{1};
  const auto where = here();
  const auto elsewhere = here();
  CAF_CHECK(admitted(subject, greeter, where, begin));
  CAF_CHECK(!admitted(subject, greeter, where, begin));
  CAF_CHECK(admitted(subject, {"service-b", "greeter"}, where, begin));
  CAF_CHECK(admitted(subject, {"service-a", "consumer"}, where, begin));
  CAF_CHECK(admitted(subject, greeter, elsewhere, begin));
}

CAF_TEST(a long text is remembered in part) {
  repetition subject{1};
  const auto where = here();
  admitted(subject, greeter, where, begin);
  admitted(subject, greeter, where, begin, std::string(100'000, 'x'));
  CAF_CHECK_LESS(subject.rest().at(0).last_text.size(), 1000u);
}

CAF_TEST(beyond its memory it writes rather than loses and it forgets who is silent) {
  repetition subject{1};
  const auto where = here();
  const auto speak = [&](const std::string& actor, instant now) { return admitted(subject, {"s", actor}, where, now); };
  for (std::size_t i = 0; i < repetition::most_pairs; ++i)
    speak(std::to_string(i), begin);
  CAF_CHECK(!speak("0", begin));
  CAF_CHECK(speak("new", begin));
  CAF_CHECK(speak("new", begin));
  CAF_CHECK(speak("new", begin + 1s));
  CAF_CHECK(!speak("new", begin + 1s));
  CAF_CHECK_EQUAL(subject.rest().size(), 2u);
}
