#define CAF_SUITE crash_suspicion

#include <troupe_test/suite.hpp>

#include <troupe/policies/crash_suspicion.hpp>

using namespace troupe::policies;
using company = crash_suspicion::company;
using records = std::vector<attempted>;

CAF_TEST(what arrives below the mark or was never answered is suspect) {
  crash_suspicion rule{5};
  rule.suspect_until(2);
  rule.arrived(1, {});
  rule.arrived(2, {});
  rule.arrived(3, {2, 1});
  rule.arrived(4, {2, 2});
  CAF_CHECK(rule.suspects(1));
  CAF_CHECK(!rule.suspects(2));
  CAF_CHECK(rule.suspects(3));
  CAF_CHECK(!rule.suspects(4));
}

CAF_TEST(a suspect goes alone) {
  crash_suspicion rule{5};
  rule.suspect_until(1);
  rule.arrived(0, {});
  rule.arrived(1, {});
  CAF_CHECK(!rule.may_go(0, 1));
  CAF_CHECK(rule.may_go(1, 1));
  CAF_CHECK(rule.may_go(0, 0));
  rule.handed_out(0);
  CAF_CHECK(rule.suspect_in_flight());
  rule.came_back(0);
  CAF_CHECK(!rule.suspect_in_flight());
}

CAF_TEST(five attempts without an answer condemn) {
  crash_suspicion rule{5};
  rule.arrived(1, {4, 0});
  rule.arrived(2, {5, 0});
  rule.arrived(3, {7, 3});
  rule.arrived(4, {8, 3});
  CAF_CHECK(!rule.condemns(1));
  CAF_CHECK(rule.condemns(2));
  CAF_CHECK(!rule.condemns(3));
  CAF_CHECK(rule.condemns(4));
}

CAF_TEST(a limit of zero condemns nothing) {
  crash_suspicion rule{0};
  rule.arrived(1, {100, 0});
  CAF_CHECK(!rule.condemns(1));
  CAF_CHECK(!rule.condemns(2));
}

CAF_TEST(an answer clears a delivery and its attempts stay) {
  crash_suspicion rule{5};
  rule.arrived(1, {3, 0});
  rule.handed_out(1);
  rule.came_back(1);
  rule.answered(1);
  CAF_CHECK(!rule.suspects(1));
  CAF_CHECK((rule.count_of(1) == attempt_count{4, 1}));
}

CAF_TEST(only a handler that ended with one delivery alone counts against it) {
  crash_suspicion rule{2};
  rule.arrived(1, {});
  rule.arrived(2, {});
  rule.handler_ended(1, company::with_others);
  CAF_CHECK(rule.suspects(1));
  CAF_CHECK((rule.count_of(1) == attempt_count{}));
  rule.handler_ended(1, company::alone);
  rule.handler_ended(1, company::alone);
  CAF_CHECK(rule.condemns(1));
  CAF_CHECK(!rule.suspects(2));
}

CAF_TEST(a suspect in flight is recorded as if it had ended the process) {
  crash_suspicion rule{5};
  rule.suspect_until(2);
  rule.arrived(0, {});
  rule.arrived(1, {});
  CAF_CHECK(rule.to_record(10).empty());
  rule.handed_out(1);
  CAF_CHECK((rule.to_record(10) == records{{1, {1, 0}}}));
  rule.settled(1);
  CAF_CHECK(rule.to_record(10).empty());
}

CAF_TEST(those without an answer are recorded first) {
  crash_suspicion rule{5};
  rule.arrived(1, {1, 1});
  rule.arrived(2, {1, 0});
  rule.arrived(3, {1, 0});
  CAF_CHECK((rule.to_record(2) == records{{2, {1, 0}}, {3, {1, 0}}}));
  CAF_CHECK((rule.to_record(3) == records{{1, {1, 1}}, {2, {1, 0}}, {3, {1, 0}}}));
}

CAF_TEST(more answers than attempts are no negative count) {
  CAF_CHECK_EQUAL((attempt_count{1, 3}.unanswered()), 0U);
}

CAF_TEST(recorded attempts are of a delivery from its arrival on) {
  earlier_attempts recorded{{{1, {1, 0}}, {3, {2, 1}}, {5, {1, 1}}}};
  recorded.forget_before(2);
  CAF_CHECK((recorded.take(1) == attempt_count{}));
  CAF_CHECK((recorded.take(3) == attempt_count{2, 1}));
  CAF_CHECK(!recorded.contains(3));
  records others{{4, {7, 0}}};
  recorded.append_to(others, 1);
  CAF_CHECK_EQUAL(others.size(), 1U);
  recorded.append_to(others, 9);
  CAF_CHECK((others == records{{4, {7, 0}}, {5, {1, 1}}}));
}
