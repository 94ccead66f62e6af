#define CAF_SUITE offset_queue

#include <troupe_test/suite.hpp>

#include <optional>
#include <set>

#include <troupe/policies/offset_queue.hpp>

#include "sequences.hpp"

using troupe::policies::offset_queue;
using troupe_test::agree;

CAF_TEST(the lowest offset stands in front whether it is new or returned) {
  offset_queue queue;
  queue.push_new(3);
  queue.push_new(9);
  queue.push_returned(5);
  queue.push_returned(1);
  for (const auto expected : {1, 3, 5, 9}) {
    CAF_CHECK_EQUAL(queue.front().value(), expected);
    queue.pop();
  }
  CAF_CHECK(!queue.front());
}

CAF_TEST(the queue agrees with an ordered set) {
  const auto disagreement = troupe_test::run_sequences(2000, [](auto& random) {
    offset_queue queue;
    std::multiset<std::int64_t> model;
    std::int64_t next = -50;
    for (int step = 0; step < 200; ++step) {
      if (random.once_in(3)) {
        queue.push_new(next += random.between(1, 3));
        model.insert(next);
      } else if (random.once_in(3)) {
        const auto offset = random.between(-100, next);
        queue.push_returned(offset);
        model.insert(offset);
      } else if (!model.empty()) {
        queue.pop();
        model.erase(model.begin());
      }
      agree(queue.front(), model.empty() ? std::nullopt : std::optional{*model.begin()}, "the front");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
