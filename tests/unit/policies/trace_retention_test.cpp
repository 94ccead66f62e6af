#define CAF_SUITE trace_retention

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <vector>

#include <troupe/policies/trace_retention.hpp>

using namespace troupe::policies;

namespace {

trace_key key(std::uint8_t number) {
  trace_key result{};
  result[15] = number;
  return result;
}

using keys = std::vector<trace_key>;

} // namespace

CAF_TEST(the oldest of those that are worth least goes first) {
  trace_retention kept{{.traces = 4}};
  CAF_CHECK(kept.added(key(1), 1, trace_worth::failed).empty());
  CAF_CHECK(kept.added(key(2), 1, trace_worth::ordinary).empty());
  CAF_CHECK(kept.added(key(3), 1, trace_worth::slow).empty());
  CAF_CHECK(kept.added(key(4), 1, trace_worth::ordinary).empty());
  CAF_CHECK(kept.added(key(5), 1, trace_worth::ordinary) == keys{key(2)});
  CAF_CHECK(kept.added(key(6), 1, trace_worth::restarted) == keys{key(4)});
  CAF_CHECK(kept.added(key(7), 1, trace_worth::ordinary) == keys{key(5)});
  CAF_CHECK(kept.added(key(8), 1, trace_worth::ordinary) == keys{key(7)} || kept.traces() == 4u);
}

CAF_TEST(the newest quarter stays whatever it is worth) {
  trace_retention kept{{.traces = 8}};
  for (std::uint8_t i = 1; i <= 8; ++i)
    CAF_CHECK(kept.added(key(i), 1, trace_worth::failed).empty());
  // Two of nine are protected: the ordinary one is among them, and so the oldest failed one goes.
  CAF_CHECK(kept.added(key(9), 1, trace_worth::ordinary) == keys{key(1)});
  CAF_CHECK(kept.added(key(10), 1, trace_worth::failed) == keys{key(2)});
  CAF_CHECK(kept.added(key(11), 1, trace_worth::failed) == keys{key(9)});
}

CAF_TEST(a trace that fails or is slow later is worth more from then on) {
  trace_retention kept{{.traces = 2}};
  CAF_CHECK(kept.added(key(1), 1, trace_worth::ordinary).empty());
  CAF_CHECK(kept.added(key(2), 1, trace_worth::ordinary).empty());
  CAF_CHECK(kept.added(key(1), 1, trace_worth::restarted).empty());
  CAF_CHECK(kept.added(key(1), 1, trace_worth::ordinary).empty());
  CAF_CHECK(kept.added(key(3), 1, trace_worth::ordinary) == keys{key(2)});
}

CAF_TEST(bytes are bounded in all and for each trace) {
  trace_retention kept{{.traces = 100, .bytes = 800}};
  CAF_CHECK(kept.has_room(key(1), 100));
  CAF_CHECK(!kept.has_room(key(1), 101));
  for (std::uint8_t i = 1; i <= 8; ++i)
    CAF_CHECK(kept.added(key(i), 100, trace_worth::ordinary).empty());
  CAF_CHECK(!kept.has_room(key(1), 1));
  CAF_CHECK_EQUAL(kept.bytes(), 800u);
  CAF_CHECK(kept.added(key(9), 50, trace_worth::ordinary) == keys{key(1)});
  CAF_CHECK_EQUAL(kept.bytes(), 750u);
}

CAF_TEST(over many traces the bounds hold and what failed outlives what did not) {
  trace_retention kept{{.traces = 40, .bytes = 4000}};
  std::vector<trace_key> there;
  for (int i = 0; i != 10'000; ++i) {
    trace_key one{};
    one[0] = static_cast<std::uint8_t>(i % 256);
    one[1] = static_cast<std::uint8_t>(i / 256);
    const bool failed = i % 50 == 0;
    one[2] = failed ? 1 : 0;
    there.push_back(one);
    for (const auto& gone :
         kept.added(one, static_cast<std::size_t>(10 + i % 90), failed ? trace_worth::failed : trace_worth::ordinary))
      there.erase(std::find(there.begin(), there.end(), gone));
    CAF_REQUIRE(kept.traces() <= 40u);
    CAF_REQUIRE(kept.bytes() <= 4000u);
    CAF_REQUIRE_EQUAL(kept.traces(), there.size());
  }
  const auto failed = std::count_if(there.begin(), there.end(), [](const trace_key& each) { return each[2] == 1; });
  CAF_CHECK(failed * 2 > static_cast<std::ptrdiff_t>(there.size()));
}

CAF_TEST(where none is kept nothing has room) {
  CAF_CHECK(!trace_retention{{.traces = 0}}.has_room(key(1), 1));
}
