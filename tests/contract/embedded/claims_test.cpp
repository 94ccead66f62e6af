#define CAF_SUITE embedded_claims
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/claims.hpp>

using troupe::embedded::queue_claims;
using offsets = std::vector<std::int64_t>;

CAF_TEST(what one subscription leaves another one gets lowest first) {
  queue_claims claims;
  claims.joined(1);
  claims.joined(2);
  claims.claim(1, {0, 1, 2, 3}, 4);
  claims.settled(1, {1});
  CAF_CHECK(!claims.has_returned());
  claims.left(1);
  CAF_CHECK(claims.claim_returned(2, 2) == (offsets{0, 2}));
  CAF_CHECK(claims.claim_returned(2, 2) == (offsets{3}));
  CAF_CHECK(!claims.has_returned());
  CAF_CHECK_EQUAL(claims.cursor(), 4);
}

CAF_TEST(what was read for a subscription that has left goes back) {
  queue_claims claims;
  claims.joined(1);
  claims.left(1);
  claims.claim(1, {5, 6}, 7);
  claims.joined(2);
  CAF_CHECK(claims.claim_returned(2, 10) == (offsets{5, 6}));
}

CAF_TEST(a settlement that comes late takes the message from those that were given back) {
  queue_claims claims;
  claims.joined(1);
  claims.claim(1, {0, 1}, 2);
  claims.left(1);
  claims.settled(1, {0});
  claims.joined(2);
  CAF_CHECK(claims.claim_returned(2, 10) == (offsets{1}));
}

CAF_TEST(what could not be read is given back) {
  queue_claims claims;
  claims.joined(1);
  claims.claim(1, {0}, 1);
  claims.give_back(1, {0});
  CAF_CHECK(claims.has_returned());
}

CAF_TEST(suspect messages are for the oldest subscription alone) {
  queue_claims claims;
  claims.joined(4);
  claims.joined(7);
  claims.suspect_until(3);
  CAF_CHECK(claims.may_claim(4));
  CAF_CHECK(!claims.may_claim(7));
  CAF_CHECK(!claims.may_claim(9));
  claims.claim(4, {0, 1}, 2);
  CAF_CHECK(!claims.past_suspects());
  claims.left(4);
  CAF_CHECK(claims.may_claim(7));
  claims.joined(9);
  claims.claim(7, {2, 3}, 4);
  CAF_CHECK(claims.past_suspects());
  CAF_CHECK(claims.may_claim(9));
}

CAF_TEST(a cursor passes holes and never goes back) {
  queue_claims claims;
  claims.joined(1);
  claims.claim(1, {}, 10);
  CAF_CHECK_EQUAL(claims.cursor(), 10);
  claims.claim(1, {}, 5);
  CAF_CHECK_EQUAL(claims.cursor(), 10);
  claims.left(1);
  CAF_CHECK(claims.abandoned());
}
