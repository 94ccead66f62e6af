#define CAF_SUITE epoch

#include <troupe_test/suite.hpp>

#include <map>
#include <set>
#include <vector>

#include <troupe/policies/epoch.hpp>

#include "sequences.hpp"

using namespace troupe::policies;
using troupe_test::agree;

namespace {

const partition_name first{"foo", 0};
const partition_name second{"foo", 1};
const partition_name elsewhere{"bar", 0};

} // namespace

CAF_TEST(a partition that is gained again enters a new epoch) {
  epochs ours;
  const auto before = ours.gained(first);
  CAF_CHECK(ours.current(first, before));
  ours.given_up(first);
  CAF_CHECK(!ours.current(first, before));
  CAF_CHECK(!ours.of(first));
  const auto after = ours.gained(first);
  CAF_CHECK(after > before);
  CAF_CHECK(!ours.current(first, before));
  CAF_CHECK(ours.current(first, after));
}

CAF_TEST(a partition that is kept keeps its epoch) {
  epochs ours;
  const auto before = ours.gained(first);
  CAF_CHECK(ours.gained(first) == before);
  ours.assigned({first, second});
  CAF_CHECK(ours.current(first, before));
  CAF_CHECK_EQUAL(ours.owned(), 2U);
}

CAF_TEST(an assignment tells what was gained and what was given up) {
  epochs ours;
  ours.assigned({first, second});
  const auto change = ours.assigned({second, elsewhere, elsewhere});
  CAF_CHECK(change.gained == std::vector<partition_name>{elsewhere});
  CAF_CHECK(change.given_up == std::vector<partition_name>{first});
  CAF_CHECK_EQUAL(ours.owned(), 2U);
}

CAF_TEST(partitions of one number in two topics are two) {
  epochs ours;
  const auto which = ours.gained(first);
  CAF_CHECK(!ours.current(elsewhere, which));
}

CAF_TEST(giving up what was never ours changes nothing) {
  epochs ours;
  ours.given_up(first);
  CAF_CHECK_EQUAL(ours.owned(), 0U);
  CAF_CHECK(!ours.of(first));
}

CAF_TEST(exactly the epoch of the present tenure is current whatever the rebalances) {
  const auto disagreement = troupe_test::run_sequences(1000, [](auto& random) {
    epochs ours;
    std::map<partition_name, epoch> current;
    std::vector<std::pair<partition_name, epoch>> all;
    const auto some = [&] { return partition_name{random.once_in(2) ? "foo" : "bar", static_cast<int>(random.below(3))}; };
    const auto gain = [&](const partition_name& partition, epoch which) {
      for (const auto& [other, earlier] : all)
        agree(other != partition || earlier < which, "an epoch is new");
      all.emplace_back(partition, which);
      current[partition] = which;
    };
    for (int step = 0; step < 60; ++step) {
      if (random.once_in(3)) {
        const auto partition = some();
        const auto which = ours.gained(partition);
        if (!current.contains(partition))
          gain(partition, which);
        agree(current[partition], which, "a kept epoch");
      } else if (random.once_in(2)) {
        const auto partition = some();
        ours.given_up(partition);
        current.erase(partition);
      } else {
        std::vector<partition_name> wanted(random.below(5));
        for (auto& each : wanted)
          each = some();
        const std::set<partition_name> distinct(wanted.begin(), wanted.end());
        const auto change = ours.assigned(wanted);
        for (const auto& lost : change.given_up)
          agree(current.erase(lost) == 1 && !distinct.contains(lost), "what was given up");
        for (const auto& won : change.gained)
          gain(won, ours.of(won).value());
        agree(current.size(), distinct.size(), "the assignment");
      }
      agree(ours.owned(), current.size(), "how many are ours");
      for (const auto& [partition, which] : all)
        agree(ours.current(partition, which), current.contains(partition) && current[partition] == which, "what is current");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
