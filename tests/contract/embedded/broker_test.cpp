#define CAF_SUITE embedded_broker
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/broker.hpp>

using namespace troupe;
using namespace troupe::embedded;

namespace {

struct fixture {
  std::shared_ptr<broker> at = std::make_shared<broker>();

  std::unique_ptr<membership> join(const std::string& source, const std::string& group, int& calls) const {
    auto taken = at->join(source, group, 1, [&calls] { ++calls; });
    CAF_REQUIRE(taken.has_value());
    return std::move(*taken);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(broker_tests, fixture)

CAF_TEST(a publish calls those at the source once until they have come) {
  auto here = 0;
  auto elsewhere = 0;
  const auto first = join("a", "g", here);
  const auto second = join("b", "g", elsewhere);
  at->published("a", {{1, 5}});
  at->published("a", {{1, 6}});
  CAF_CHECK_EQUAL(here, 1);
  CAF_CHECK_EQUAL(elsewhere, 0);
  first->awake();
  at->published("a", {{1, 7}});
  CAF_CHECK_EQUAL(here, 2);
  CAF_CHECK_EQUAL(at->end_of(1), 7);
}

CAF_TEST(an end is never reported lower) {
  at->published("a", {{1, 5}});
  at->published("a", {{1, 3}});
  CAF_CHECK_EQUAL(at->end_of(1), 5);
  CAF_CHECK_EQUAL(at->end_of(2), 0);
}

CAF_TEST(a group has one membership at a source and a queue has many) {
  auto calls = 0;
  auto first = join("a", "g", calls);
  const auto refused = at->join("a", "g", 1, [] {});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, errc::conflict);
  CAF_CHECK(refused.error().reason.find("'g'") != std::string::npos);
  CAF_CHECK(refused.error().reason.find("'a'") != std::string::npos);
  const auto other_group = join("a", "h", calls);
  const auto other_source = join("b", "g", calls);
  first = nullptr;
  const auto again = join("a", "g", calls);
  const auto queue = join("q", "", calls);
  const auto competing = join("q", "", calls);
  CAF_CHECK(competing->epoch() > queue->epoch());
}

CAF_TEST(epochs rise over restarts of the process) {
  auto calls = 0;
  const auto before = join("a", "g", calls);
  const auto later = (*at->join("a", "h", 2, [] {}))->epoch();
  CAF_CHECK(later > before->epoch());
  CAF_CHECK_EQUAL(incarnation_of(later), 2);
  CAF_CHECK_EQUAL(incarnation_of(before->epoch()), 1);
}

CAF_TEST(who leaves a queue gives back its leases and calls the others) {
  auto calls = 0;
  auto others = 0;
  auto leaving = join("q", "", calls);
  const auto staying = join("q", "", others);
  leaving->leases_from(9);
  staying->leases_from(9);
  at->with_leases(9, [&](queue_leases& leases) { leases.lease(leaving->epoch(), {0, 1}, 2); });
  leaving = nullptr;
  CAF_CHECK_EQUAL(others, 1);
  CAF_CHECK(at->with_leases(9, [](queue_leases& leases) { return leases.has_returned(); }));
}

CAF_TEST_FIXTURE_SCOPE_END()
