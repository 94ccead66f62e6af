#define CAF_SUITE key_order

#include <troupe_test/suite.hpp>

#include <map>
#include <set>
#include <string>

#include <troupe/policies/key_order.hpp>

#include "sequences.hpp"

using troupe::policies::key_order;
using troupe_test::agree;

CAF_TEST(a delivery is blocked while one of its key before it is unsettled) {
  key_order order;
  order.arrived(1, "a");
  order.arrived(2, "b");
  order.arrived(3, "a");
  order.arrived(4, "a");
  CAF_CHECK(!order.blocked(1));
  CAF_CHECK(!order.blocked(2));
  CAF_CHECK(order.ahead(3) == 1);
  CAF_CHECK(order.ahead(4) == 3);
  CAF_CHECK(order.behind(1) == 3);
  CAF_CHECK(!order.behind(2));
  CAF_CHECK(order.settled(1) == 3);
  CAF_CHECK(!order.blocked(3));
  CAF_CHECK(order.blocked(4));
  CAF_CHECK_EQUAL(order.keys(), 2U);
}

CAF_TEST(one that is settled in the middle frees nobody) {
  key_order order;
  for (const auto offset : {1, 2, 3})
    order.arrived(offset, "a");
  CAF_CHECK(!order.settled(2));
  CAF_CHECK(order.ahead(3) == 1);
  CAF_CHECK(order.settled(1) == 3);
}

CAF_TEST(one that arrives after the last of its key was settled stands behind the last unsettled one) {
  key_order order;
  order.arrived(1, "a");
  order.arrived(2, "a");
  order.settled(2);
  order.arrived(3, "a");
  CAF_CHECK(order.ahead(3) == 1);
}

CAF_TEST(deliveries without a key neither block nor wait) {
  key_order order;
  order.arrived(1, std::nullopt);
  order.arrived(2, std::nullopt);
  CAF_CHECK(!order.blocked(2));
  CAF_CHECK(!order.settled(1));
  CAF_CHECK_EQUAL(order.keys(), 0U);
}

CAF_TEST(an empty key is a key) {
  key_order order;
  order.arrived(1, "");
  order.arrived(2, "");
  CAF_CHECK(order.blocked(2));
}

CAF_TEST(a key is forgotten with its last delivery) {
  key_order order;
  order.arrived(1, "a");
  CAF_CHECK(!order.settled(1));
  CAF_CHECK_EQUAL(order.keys(), 0U);
  CAF_CHECK(!order.settled(1));
  order.arrived(2, "a");
  CAF_CHECK(!order.blocked(2));
}

CAF_TEST(an offset that does not rise is ignored) {
  key_order order;
  order.arrived(5, "a");
  order.arrived(5, "b");
  order.arrived(4, "a");
  CAF_CHECK(!order.blocked(5));
  CAF_CHECK(!order.behind(5));
  CAF_CHECK_EQUAL(order.keys(), 1U);
}

CAF_TEST(the order agrees with a list per key) {
  const auto disagreement = troupe_test::run_sequences(2000, [](auto& random) {
    key_order order;
    std::map<std::string, std::set<std::int64_t>> model;
    std::map<std::int64_t, std::string> keys;
    std::int64_t next = 0;
    for (int step = 0; step < 200; ++step) {
      if (random.once_in(2)) {
        next += random.between(1, 2);
        const auto key = std::string(1, static_cast<char>('a' + random.below(4)));
        const auto keyless = random.once_in(5);
        order.arrived(next, keyless ? std::nullopt : std::optional{key});
        if (!keyless) {
          model[key].insert(next);
          keys[next] = key;
        }
      } else if (!keys.empty()) {
        const auto which = std::next(keys.begin(), static_cast<std::ptrdiff_t>(random.below(keys.size())));
        auto& lane = model[which->second];
        const auto was_first = *lane.begin() == which->first;
        lane.erase(which->first);
        agree(order.settled(which->first), was_first && !lane.empty() ? std::optional{*lane.begin()} : std::nullopt,
              "who is blocked no more");
        if (lane.empty())
          model.erase(which->second);
        keys.erase(which);
      }
      agree(order.keys(), model.size(), "how many keys there are");
      for (const auto& [offset, key] : keys) {
        const auto& lane = model[key];
        const auto at = lane.find(offset);
        agree(order.ahead(offset), at == lane.begin() ? std::nullopt : std::optional{*std::prev(at)}, "who is ahead");
        agree(order.behind(offset), std::next(at) == lane.end() ? std::nullopt : std::optional{*std::next(at)},
              "who is behind");
      }
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
