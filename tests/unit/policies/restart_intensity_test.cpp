#define CAF_SUITE restart_intensity

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <vector>

#include <troupe/policies/restart_intensity.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe_test::agree;
using troupe_test::at;

CAF_TEST(the sixth restart within a minute is refused) {
  restart_intensity policy;
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(policy.admit(at(i * 10s)));
  CAF_CHECK(!policy.admit(at(59s)));
  CAF_CHECK_EQUAL(policy.restarts(at(59s)), 5U);
}

CAF_TEST(a restart is forgotten exactly one window later) {
  restart_intensity policy{{1, 60s}};
  CAF_CHECK(policy.admit(at(0s)));
  CAF_CHECK(!policy.admit(at(60s) - 1ns));
  CAF_CHECK(policy.admit(at(60s)));
}

CAF_TEST(a refused restart is not counted) {
  restart_intensity policy{{1, 10s}};
  CAF_CHECK(policy.admit(at(0s)));
  CAF_CHECK(!policy.admit(at(9s)));
  CAF_CHECK(policy.admit(at(10s)));
}

CAF_TEST(an intensity of zero admits no restart) {
  restart_intensity policy{{0, 60s}};
  CAF_CHECK(!policy.admit(at(0s)));
}

CAF_TEST(resetting forgets all restarts) {
  restart_intensity policy{{1, 60s}};
  CAF_CHECK(policy.admit(at(0s)));
  policy.reset();
  CAF_CHECK_EQUAL(policy.restarts(at(0s)), 0U);
  CAF_CHECK(policy.admit(at(0s)));
}

CAF_TEST(no window ever holds more restarts than the intensity and none is refused below it) {
  const auto disagreement = troupe_test::run_sequences(3000, [](auto& random) {
    const intensity_config config{static_cast<unsigned>(random.below(7)), std::chrono::milliseconds{random.between(1, 200)}};
    restart_intensity policy{config};
    std::vector<troupe::instant> model;
    auto now = at(0s);
    for (int step = 0; step < 100; ++step) {
      now += std::chrono::milliseconds{random.below(40)};
      const auto in_window = std::count_if(model.begin(), model.end(), [&](auto t) { return t > now - config.window; });
      agree(policy.restarts(now), static_cast<std::size_t>(in_window), "how many are remembered");
      const auto expected = in_window < static_cast<std::ptrdiff_t>(config.restarts);
      agree(policy.admit(now), expected, "whether a restart is admitted");
      if (expected)
        model.push_back(now);
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
