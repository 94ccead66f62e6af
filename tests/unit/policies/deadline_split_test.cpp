#define CAF_SUITE deadline_split

#include <troupe_test/suite.hpp>

#include <troupe/policies/deadline_split.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::duration;
using troupe_test::agree;

CAF_TEST(a hop keeps a tenth of the remaining time) {
  CAF_CHECK_EQUAL(downstream_budget({}, 5s), 4500ms);
  CAF_CHECK_EQUAL(downstream_budget({}, 1s), 900ms);
}

CAF_TEST(a hop keeps at least fifty milliseconds) {
  CAF_CHECK_EQUAL(downstream_budget({}, 500ms), 450ms);
  CAF_CHECK_EQUAL(downstream_budget({}, 400ms), 350ms);
  CAF_CHECK_EQUAL(downstream_budget({}, 51ms), 1ms);
}

CAF_TEST(a call with too little time left has none for its downstreams) {
  CAF_CHECK_EQUAL(downstream_budget({}, 50ms), 0s);
  CAF_CHECK_EQUAL(downstream_budget({}, 1ns), 0s);
  CAF_CHECK_EQUAL(downstream_budget({}, 0s), 0s);
  CAF_CHECK_EQUAL(downstream_budget({}, -1s), 0s);
}

CAF_TEST(no deadline stays none) {
  CAF_CHECK_EQUAL(downstream_budget({}, duration::max()), duration::max());
}

CAF_TEST(what a hop gives is always less than it has by its share and by the least) {
  const auto disagreement = troupe_test::run_sequences(5000, [](auto& random) {
    const deadline_split_config config{random.unit(), std::chrono::microseconds{random.below(100'000)}};
    const duration remaining{random.between(-1'000'000'000, 100'000'000'000)};
    const auto budget = downstream_budget(config, remaining);
    agree(budget >= 0s, "never negative");
    if (budget > 0s) {
      const auto kept = remaining - budget;
      const auto share = static_cast<double>(remaining.count()) * config.kept_share;
      agree(kept >= config.kept_at_least, "at least the least is kept");
      agree(static_cast<double>(kept.count()) >= share - 1, "at least the share is kept");
      agree(kept <= config.kept_at_least || static_cast<double>(kept.count()) <= share + 1, "no more than that is kept");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
