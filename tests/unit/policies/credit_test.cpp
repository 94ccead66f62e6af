#define CAF_SUITE credit

#include <troupe_test/suite.hpp>

#include <algorithm>

#include <troupe/policies/credit.hpp>

#include "sequences.hpp"

using troupe::policies::credit;
using troupe::policies::returned;
using troupe_test::agree;

CAF_TEST(no more is taken than there is) {
  credit bound{10};
  CAF_CHECK_EQUAL(bound.take(4), 4U);
  CAF_CHECK_EQUAL(bound.take(100), 6U);
  CAF_CHECK_EQUAL(bound.take(1), 0U);
  CAF_CHECK_EQUAL(bound.available(), 0U);
  CAF_CHECK_EQUAL(bound.taken(), 10U);
}

CAF_TEST(no more is given back than was taken and that is told) {
  credit bound{10};
  CAF_CHECK_EQUAL(bound.take(3), 3U);
  CAF_CHECK(bound.give(2) == returned::all);
  CAF_CHECK(bound.give(2) == returned::too_many);
  CAF_CHECK_EQUAL(bound.available(), 10U);
}

CAF_TEST(a bound of nothing gives nothing) {
  credit bound{0};
  CAF_CHECK_EQUAL(bound.take(1), 0U);
  CAF_CHECK(bound.give(1) == returned::too_many);
  CAF_CHECK(bound.give(0) == returned::all);
}

CAF_TEST(whatever is taken and given back the bound holds) {
  const auto disagreement = troupe_test::run_sequences(2000, [](auto& random) {
    const auto limit = static_cast<std::int64_t>(random.below(50));
    credit bound{static_cast<std::size_t>(limit)};
    std::int64_t available = limit;
    for (int step = 0; step < 200; ++step) {
      const auto units = random.between(0, 60);
      if (random.once_in(2)) {
        const auto granted = static_cast<std::int64_t>(bound.take(static_cast<std::size_t>(units)));
        agree(granted, std::min(units, available), "what is granted");
        available -= granted;
      } else {
        const auto fits = units <= limit - available;
        agree(bound.give(static_cast<std::size_t>(units)) == returned::all, fits, "whether all was given back");
        available = std::min(limit, available + units);
      }
      agree(static_cast<std::int64_t>(bound.available()), available, "what is available");
      agree(bound.available() + bound.taken(), bound.limit(), "nothing is lost");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
