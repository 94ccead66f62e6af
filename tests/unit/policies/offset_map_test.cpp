#define CAF_SUITE offset_map

#include <troupe_test/suite.hpp>

#include <limits>
#include <map>
#include <memory>
#include <string>

#include <troupe/policies/offset_map.hpp>

#include "sequences.hpp"

using troupe::policies::offset_map;
using troupe_test::agree;

CAF_TEST(entries are found wherever holes stand between them) {
  offset_map<std::string> map;
  CAF_CHECK(map.append(-7, "a"));
  CAF_CHECK(map.append(0, "b"));
  CAF_CHECK(map.append(1, "c"));
  CAF_CHECK(map.append(1000, "d"));
  CAF_CHECK_EQUAL(*map.find(-7), "a");
  CAF_CHECK_EQUAL(*map.find(0), "b");
  CAF_CHECK_EQUAL(*map.find(1), "c");
  CAF_CHECK_EQUAL(*map.find(1000), "d");
  for (const auto absent : {-8, -6, -1, 2, 999, 1001})
    CAF_CHECK(map.find(absent) == nullptr);
}

CAF_TEST(an offset that does not rise is refused even when the map is empty again) {
  offset_map<int> map;
  CAF_CHECK(map.append(5, 1));
  CAF_CHECK(!map.append(5, 2));
  CAF_CHECK(!map.append(4, 2));
  CAF_CHECK_EQUAL(*map.find(5), 1);
  CAF_CHECK(map.erase(5));
  CAF_CHECK(!map.append(5, 3));
  CAF_CHECK(map.empty());
}

CAF_TEST(offsets at the ends of their range are offsets like others) {
  using limits = std::numeric_limits<std::int64_t>;
  offset_map<int> map;
  CAF_CHECK(map.append(limits::min(), 1));
  CAF_CHECK(map.append(0, 2));
  CAF_CHECK(map.append(limits::max(), 3));
  CAF_CHECK_EQUAL(*map.find(limits::min()), 1);
  CAF_CHECK_EQUAL(*map.find(limits::max()), 3);
  CAF_CHECK(map.find(limits::max() - 1) == nullptr);
}

CAF_TEST(erasing lets go of the value at once though its place is kept for a while) {
  offset_map<std::shared_ptr<int>> map;
  auto value = std::make_shared<int>(1);
  map.append(0, nullptr);
  map.append(1, value);
  CAF_CHECK(map.erase(1));
  CAF_CHECK(!map.erase(1));
  CAF_CHECK_EQUAL(value.use_count(), 1);
  CAF_CHECK_EQUAL(map.size(), 1U);
}

CAF_TEST(the map agrees with an ordered map) {
  const auto disagreement = troupe_test::run_sequences(1500, [](auto& random) {
    offset_map<std::int64_t> map;
    std::map<std::int64_t, std::int64_t> model;
    std::int64_t last = random.between(-100, 100);
    const auto hole = random.between(1, 4);
    const auto keep_the_first = random.once_in(2);
    map.append(last, last);
    model.emplace(last, last);
    for (int step = 0; step < 400; ++step) {
      if (random.once_in(2)) {
        last += random.between(1, hole);
        agree(map.append(last, step), true, "whether it is appended");
        model.emplace(last, step);
      } else if (!model.empty()) {
        auto which = random.between(model.begin()->first, last);
        if (!keep_the_first || which != model.begin()->first)
          agree(map.erase(which), model.erase(which) == 1, "whether it is erased");
      }
      agree(map.size(), model.size(), "the size");
      if (!model.empty()) {
        agree(map.front_offset(), model.begin()->first, "the first offset");
        agree(map.front(), model.begin()->second, "the first value");
      }
      const auto probe = random.between(last - 100, last + 2);
      const auto found = model.find(probe);
      agree(map.find(probe) ? std::optional{*map.find(probe)} : std::nullopt,
            found != model.end() ? std::optional{found->second} : std::nullopt, "what is found");
    }
    std::map<std::int64_t, std::int64_t> visited;
    map.for_each([&](std::int64_t offset, std::int64_t value) { visited.emplace(offset, value); });
    agree(visited, model, "what is visited");
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
