#define CAF_SUITE embedded_leases
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/leases.hpp>

using troupe::embedded::queue_leases;
using offsets = std::vector<std::int64_t>;

CAF_TEST(what one subscription leaves another one gets lowest first) {
  queue_leases leases;
  leases.joined(1);
  leases.joined(2);
  leases.lease(1, {0, 1, 2, 3}, 4);
  leases.settled(1, {1});
  CAF_CHECK(!leases.has_returned());
  leases.left(1);
  CAF_CHECK(leases.lease_returned(2, 2) == (offsets{0, 2}));
  CAF_CHECK(leases.lease_returned(2, 2) == (offsets{3}));
  CAF_CHECK(!leases.has_returned());
  CAF_CHECK_EQUAL(leases.cursor(), 4);
}

CAF_TEST(what was read for a subscription that has left goes back) {
  queue_leases leases;
  leases.joined(1);
  leases.left(1);
  leases.lease(1, {5, 6}, 7);
  leases.joined(2);
  CAF_CHECK(leases.lease_returned(2, 10) == (offsets{5, 6}));
}

CAF_TEST(what is not settled is leased or returned or lies beyond the cursor) {
  queue_leases leases;
  leases.joined(1);
  CAF_CHECK(leases.unsettled(0) == 0u);
  CAF_CHECK(!leases.unsettled(10)); // an earlier process may have settled all of it
  leases.lease(1, {6, 8}, 9);
  CAF_CHECK(leases.unsettled(10) == 3u);
  leases.settled(1, {6});
  CAF_CHECK(leases.unsettled(10) == 2u);
  leases.left(1);
  CAF_CHECK(leases.unsettled(10) == 2u);
  CAF_CHECK(leases.unsettled(9) == 1u);
}

CAF_TEST(a settlement that comes late takes the message from those that were given back) {
  queue_leases leases;
  leases.joined(1);
  leases.lease(1, {0, 1}, 2);
  leases.left(1);
  leases.settled(1, {0});
  leases.joined(2);
  CAF_CHECK(leases.lease_returned(2, 10) == (offsets{1}));
}

CAF_TEST(what could not be read is given back) {
  queue_leases leases;
  leases.joined(1);
  leases.lease(1, {0}, 1);
  leases.give_back(1, {0});
  CAF_CHECK(leases.has_returned());
}

CAF_TEST(suspect messages are for the oldest subscription alone) {
  queue_leases leases;
  leases.joined(4);
  leases.joined(7);
  leases.suspect_until(3);
  CAF_CHECK(leases.may_lease(4));
  CAF_CHECK(!leases.may_lease(7));
  CAF_CHECK(!leases.may_lease(9));
  leases.lease(4, {0, 1}, 2);
  CAF_CHECK(!leases.past_suspects());
  leases.left(4);
  CAF_CHECK(leases.may_lease(7));
  leases.joined(9);
  leases.lease(7, {2, 3}, 4);
  CAF_CHECK(leases.past_suspects());
  CAF_CHECK(leases.may_lease(9));
}

CAF_TEST(a cursor passes holes and never goes back) {
  queue_leases leases;
  leases.joined(1);
  leases.lease(1, {}, 10);
  CAF_CHECK_EQUAL(leases.cursor(), 10);
  leases.lease(1, {}, 5);
  CAF_CHECK_EQUAL(leases.cursor(), 10);
  leases.left(1);
  CAF_CHECK(leases.abandoned());
}
