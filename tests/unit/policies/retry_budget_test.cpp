#define CAF_SUITE retry_budget

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <vector>

#include <troupe/policies/retry_budget.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe_test::agree;
using troupe_test::at;

namespace {

int admitted_at_once(retry_budget& policy, troupe::instant now) {
  int admitted = 0;
  while (policy.admit_retry(now))
    ++admitted;
  return admitted;
}

} // namespace

CAF_TEST(a quiet client may retry a few times) {
  retry_budget policy;
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(0s)), 3);
  policy.called(at(0s));
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(1s)), 0);
}

CAF_TEST(a tenth of the calls may be retries) {
  retry_budget policy;
  for (int i = 0; i < 1000; ++i)
    policy.called(at(1ms * i));
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(1s)), 100);
  for (int i = 0; i < 9; ++i)
    policy.called(at(1s));
  CAF_CHECK(!policy.admit_retry(at(1s)));
  policy.called(at(1s));
  CAF_CHECK(policy.admit_retry(at(1s)));
  CAF_CHECK(!policy.admit_retry(at(1s)));
}

CAF_TEST(calls of long ago do not pay for retries now) {
  retry_budget policy;
  for (int i = 0; i < 1000; ++i)
    policy.called(at(0s));
  auto within = policy;
  CAF_CHECK_EQUAL(admitted_at_once(within, at(9s)), 100);
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(10s)), 3);
}

CAF_TEST(retries of long ago are forgiven) {
  retry_budget policy;
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(0s)), 3);
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(9s)), 0);
  CAF_CHECK_EQUAL(admitted_at_once(policy, at(10s)), 3);
}

CAF_TEST(a window shorter than its slots and a clock before its epoch do no harm) {
  retry_budget policy{{10, 1, 1ns}};
  CAF_CHECK_EQUAL(admitted_at_once(policy, troupe::instant{} - 1h), 1);
  retry_budget usual;
  CAF_CHECK_EQUAL(admitted_at_once(usual, troupe::instant{} - 500ms), 3);
  CAF_CHECK_EQUAL(admitted_at_once(usual, troupe::instant{} + 8500ms), 0);
  CAF_CHECK_EQUAL(admitted_at_once(usual, troupe::instant{} + 9500ms), 3);
}

CAF_TEST(the budget agrees with a count of everything that happened within the window) {
  const auto disagreement = troupe_test::run_sequences(2000, [](auto& random) {
    const retry_budget_config config{static_cast<unsigned>(random.below(60)), static_cast<unsigned>(random.below(4)), 100ms};
    retry_budget policy{config};
    std::vector<std::int64_t> calls;
    std::vector<std::int64_t> retries;
    std::int64_t now = random.between(0, 1000);
    for (int step = 0; step < 300; ++step) {
      now += random.once_in(20) ? random.between(0, 150) : random.between(0, 3);
      const troupe::instant when{std::chrono::milliseconds{now}};
      if (!random.once_in(4)) {
        policy.called(when);
        calls.push_back(now / 10);
        continue;
      }
      const auto recent = [&](std::int64_t slot) { return slot > now / 10 - 10; };
      const auto recent_calls = std::count_if(calls.begin(), calls.end(), recent);
      const auto recent_retries = std::count_if(retries.begin(), retries.end(), recent);
      const auto most = std::max<std::int64_t>(config.minimum, recent_calls * config.percent / 100);
      agree(policy.admit_retry(when), recent_retries < most, "whether a retry is admitted");
      if (recent_retries < most)
        retries.push_back(now / 10);
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
