#define CAF_SUITE watermark

#include <troupe_test/suite.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include <troupe/policies/watermark.hpp>

#include "sequences.hpp"

using troupe::policies::watermark;
using troupe_test::agree;

CAF_TEST(offsets settled out of order move the watermark only when it is contiguous) {
  watermark mark{10};
  for (const auto offset : {10, 11, 12})
    CAF_CHECK(mark.fetched(offset));
  CAF_CHECK_EQUAL(mark.position(), 10);
  CAF_CHECK(mark.settled(12));
  CAF_CHECK(mark.settled(11));
  CAF_CHECK_EQUAL(mark.position(), 10);
  CAF_CHECK(mark.settled(10));
  CAF_CHECK_EQUAL(mark.position(), 13);
}

CAF_TEST(holes count as settled) {
  watermark mark{0};
  mark.fetched(3);
  CAF_CHECK_EQUAL(mark.position(), 3);
  mark.fetched(9);
  mark.settled(3);
  CAF_CHECK_EQUAL(mark.position(), 9);
  mark.settled(9);
  CAF_CHECK_EQUAL(mark.position(), 10);
}

CAF_TEST(a hole at the end is passed when the reader has passed it) {
  watermark mark{0};
  mark.fetched(0);
  mark.skipped_to(5);
  CAF_CHECK_EQUAL(mark.position(), 0);
  mark.settled(0);
  CAF_CHECK_EQUAL(mark.position(), 5);
  mark.skipped_to(2);
  CAF_CHECK_EQUAL(mark.position(), 5);
  CAF_CHECK(!mark.fetched(4));
  CAF_CHECK(mark.fetched(5));
}

CAF_TEST(nothing is settled twice or before it was fetched) {
  watermark mark{0};
  CAF_CHECK(!mark.settled(0));
  mark.fetched(0);
  mark.fetched(1);
  CAF_CHECK(mark.settled(1));
  CAF_CHECK(!mark.settled(1));
  CAF_CHECK_EQUAL(mark.unsettled(), 1U);
}

CAF_TEST(nothing is fetched twice or below the first offset) {
  watermark mark{5};
  CAF_CHECK(!mark.fetched(4));
  CAF_CHECK(mark.fetched(5));
  CAF_CHECK(!mark.fetched(5));
  mark.settled(5);
  CAF_CHECK(!mark.fetched(5));
}

CAF_TEST(the span counts from the first unsettled offset on and no holes) {
  watermark mark{0};
  CAF_CHECK_EQUAL(mark.span(), 0U);
  for (const auto offset : {0, 10, 20, 30})
    mark.fetched(offset);
  mark.settled(20);
  CAF_CHECK_EQUAL(mark.span(), 4U);
  CAF_CHECK_EQUAL(mark.unsettled(), 3U);
  mark.settled(0);
  CAF_CHECK_EQUAL(mark.span(), 3U);
  mark.settled(10);
  CAF_CHECK_EQUAL(mark.span(), 1U);
  mark.settled(30);
  CAF_CHECK_EQUAL(mark.span(), 0U);
}

CAF_TEST(the watermark agrees with a list of what is settled) {
  const auto disagreement = troupe_test::run_sequences(3000, [](auto& random) {
    std::int64_t next = random.between(-20, 20);
    const auto hole = random.between(1, 3);
    watermark mark{next};
    std::map<std::int64_t, bool> settled; // by fetched offset
    for (int step = 0; step < 200; ++step) {
      switch (random.below(5)) {
        case 0:
        case 1: {
          const auto offset = next + random.between(0, hole - 1);
          agree(mark.fetched(offset), true, "a fetched offset");
          settled[offset] = false;
          next = offset + 1;
          break;
        }
        case 2:
          if (random.once_in(4)) {
            next += random.between(0, 3);
            mark.skipped_to(next);
          }
          break;
        default: {
          const auto offset = random.between(next - 12, next + 1);
          const auto found = settled.find(offset);
          const auto expected = found != settled.end() && !found->second;
          agree(mark.settled(offset), expected, "whether it is settled");
          if (expected)
            found->second = true;
        }
      }
      const auto first = std::find_if(settled.begin(), settled.end(), [](const auto& each) { return !each.second; });
      agree(mark.position(), first == settled.end() ? next : first->first, "the position");
      agree(mark.span(), static_cast<std::size_t>(std::distance(first, settled.end())), "the span");
      agree(mark.unsettled(),
            static_cast<std::size_t>(std::count_if(first, settled.end(), [](const auto& each) { return !each.second; })),
            "how many are unsettled");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}

CAF_TEST(a million settlements behind one that is not settled cost no memory of their own) {
  watermark mark{0};
  mark.fetched(0);
  for (std::int64_t offset = 1; offset <= 1'000'000; ++offset) {
    mark.fetched(offset);
    mark.settled(offset);
  }
  CAF_CHECK_EQUAL(mark.unsettled(), 1U);
  CAF_CHECK_EQUAL(mark.span(), 1'000'001U);
  mark.settled(0);
  CAF_CHECK_EQUAL(mark.position(), 1'000'001);
}
