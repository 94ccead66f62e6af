#define CAF_SUITE hold_gate

#include <troupe_test/suite.hpp>

#include <troupe/policies/hold_gate.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using troupe::policies::hold_gate;
using troupe_test::at;

CAF_TEST(an open gate admits everything) {
  hold_gate gate;
  CAF_CHECK_EQUAL(gate.admits(1000), 1000U);
  CAF_CHECK(!gate.due());
}

CAF_TEST(nothing passes before the pause is over) {
  hold_gate gate;
  gate.hold(at(15s), 2, 7);
  CAF_CHECK_EQUAL(gate.admits(10), 0U);
  CAF_CHECK(gate.due() == at(15s));
  gate.wake(at(15s) - 1ns);
  CAF_CHECK_EQUAL(gate.admits(10), 0U);
  gate.wake(at(15s));
  CAF_CHECK_EQUAL(gate.admits(10), 2U);
  CAF_CHECK_EQUAL(gate.admits(1), 1U);
  CAF_CHECK(!gate.due());
}

CAF_TEST(probes in flight are counted until one is done) {
  hold_gate gate;
  gate.hold(at(0s), 2, 7);
  gate.wake(at(0s));
  gate.handed_out(8);
  gate.handed_out(8);
  CAF_CHECK_EQUAL(gate.admits(10), 0U);
  gate.came_back(8);
  CAF_CHECK_EQUAL(gate.admits(10), 1U);
  gate.came_back(8);
  gate.done(8);
  CAF_CHECK_EQUAL(gate.admits(10), 10U);
}

CAF_TEST(what was handed out before the pause is no probe) {
  hold_gate gate;
  gate.hold(at(0s), 1, 7);
  gate.came_back(7);
  gate.done(7);
  gate.wake(at(0s));
  CAF_CHECK_EQUAL(gate.admits(10), 1U);
}

CAF_TEST(a later pause replaces an earlier one with its probes) {
  hold_gate gate;
  gate.hold(at(0s), 1, 0);
  gate.wake(at(0s));
  gate.handed_out(1);
  gate.hold(at(5s), 1, 1);
  CAF_CHECK_EQUAL(gate.admits(10), 0U);
  gate.came_back(1);
  gate.done(1);
  gate.wake(at(5s));
  CAF_CHECK_EQUAL(gate.admits(10), 1U);
}

CAF_TEST(at least one probe passes) {
  hold_gate gate;
  gate.hold(at(0s), 0, 0);
  gate.wake(at(0s));
  CAF_CHECK_EQUAL(gate.admits(10), 1U);
}
