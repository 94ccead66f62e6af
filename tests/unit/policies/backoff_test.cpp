#define CAF_SUITE backoff

#include <troupe_test/suite.hpp>

#include <troupe/policies/backoff.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::duration;
using troupe_test::agree;
using troupe_test::at;

CAF_TEST(delays double from the shortest to the longest) {
  const backoff_config config;
  CAF_CHECK_EQUAL(backoff_delay(config, 0, 0), 200ms);
  CAF_CHECK_EQUAL(backoff_delay(config, 1, 0), 400ms);
  CAF_CHECK_EQUAL(backoff_delay(config, 2, 0), 800ms);
  CAF_CHECK_EQUAL(backoff_delay(config, 7, 0), 25600ms);
  CAF_CHECK_EQUAL(backoff_delay(config, 8, 0), 30s);
  CAF_CHECK_EQUAL(backoff_delay(config, 4'000'000'000U, 0), 30s);
}

CAF_TEST(jitter adds up to its factor and never exceeds the longest delay) {
  const backoff_config config{1s, 10s, 0.5};
  CAF_CHECK_EQUAL(backoff_delay(config, 0, 0.5), 1250ms);
  CAF_CHECK_EQUAL(backoff_delay(config, 3, 0.25), 9s);
  CAF_CHECK_EQUAL(backoff_delay(config, 3, 0.9), 10s);
  CAF_CHECK_EQUAL(backoff_delay(config, 9, 0.1), 10s);
}

CAF_TEST(durations at the end of their range stay in it) {
  const backoff_config widest{1ns, duration::max(), 1};
  CAF_CHECK_EQUAL(backoff_delay(widest, 63, 0.5), duration::max());
  CAF_CHECK_EQUAL(backoff_delay(widest, 1000, 0), duration::max());
  CAF_CHECK_EQUAL(backoff_delay({0s, 10s, 0.2}, 1000, 0.9), 0s);
  CAF_CHECK_EQUAL(backoff_delay({20s, 10s, 0.2}, 0, 0), 10s);
  backoff forever{widest, 1};
  for (int i = 0; i < 200; ++i)
    CAF_CHECK_GREATER(forever.next(at(0s)), 0ns);
}

CAF_TEST(delays never exceed the longest and lie within the jitter) {
  const auto disagreement = troupe_test::run_sequences(2000, [](auto& random) {
    const backoff_config config{std::chrono::milliseconds{random.between(1, 1000)},
                                std::chrono::milliseconds{random.between(1000, 60'000)}, random.unit()};
    for (unsigned failures = 0; failures < 40; ++failures) {
      auto model = config.min;
      for (unsigned i = 0; i < failures && model < config.max; ++i)
        model = model * 2;
      model = std::min(model, config.max);
      const auto delay = backoff_delay(config, failures, random.unit());
      agree(delay >= model - 1us && delay <= config.max, "a delay out of bounds");
      agree(static_cast<double>(delay.count()) <= static_cast<double>(model.count()) * (1 + config.jitter) + 1, "jitter");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}

CAF_TEST(failures in a row wait longer and longer) {
  backoff policy{{200ms, 30s, 0}, 7};
  auto now = at(0s);
  for (const auto expected : {200ms, 400ms, 800ms, 1600ms}) {
    CAF_CHECK_EQUAL(policy.next(now), expected);
    now += expected + 1s;
  }
  CAF_CHECK_EQUAL(policy.failures(), 4U);
}

CAF_TEST(an attempt that runs for half of the shortest and longest delay forgets the failures before it) {
  backoff policy{{200ms, 30s, 0}, 7};
  policy.next(at(0s));
  policy.next(at(0s) + 200ms);
  const auto began = at(0s) + 200ms + 400ms;
  auto nearly = policy;
  CAF_CHECK_EQUAL(nearly.next(began + 15100ms - 1ns), 800ms);
  CAF_CHECK_EQUAL(policy.next(began + 15100ms), 200ms);
}

CAF_TEST(the wait itself is no proof of success even where it is longer than the time of proof) {
  backoff policy{{200ms, 30s, 0}, 7};
  auto now = at(0s);
  duration last{};
  for (int i = 0; i < 12; ++i) {
    last = policy.next(now);
    now += last; // and fails at once
  }
  CAF_CHECK_EQUAL(last, 30s);
}

CAF_TEST(a proof of success begins anew at once) {
  backoff policy{{200ms, 30s, 0}, 7};
  policy.next(at(0s));
  policy.next(at(1s));
  policy.reset();
  CAF_CHECK_EQUAL(policy.failures(), 0U);
  CAF_CHECK_EQUAL(policy.next(at(2s)), 200ms);
}

CAF_TEST(equal seeds give equal delays and other seeds give others) {
  backoff one{{}, 5};
  backoff same{{}, 5};
  backoff other{{}, 6};
  int differing = 0;
  for (int i = 0; i < 6; ++i) {
    const auto delay = one.next(at(0s));
    CAF_CHECK_EQUAL(same.next(at(0s)), delay);
    differing += other.next(at(0s)) != delay ? 1 : 0;
  }
  CAF_CHECK_GREATER(differing, 3);
}
