#define CAF_SUITE fault_switch

#include <troupe_test/suite.hpp>

#include <troupe/policies/fault_switch.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using troupe::duration;
using troupe::policies::fault_switch;
using troupe_test::at;

CAF_TEST(a fault that was never made is off) {
  const fault_switch tested;
  CAF_CHECK(tested.left(at(0s)) == duration::zero());
  CAF_CHECK(tested.left(at(1h)) == duration::zero());
}

CAF_TEST(a fault is on until its time and ends by itself) {
  fault_switch tested;
  tested.turn_on(at(10s));
  CAF_CHECK(tested.left(at(4s)) == duration{6s});
  CAF_CHECK(tested.left(at(10s)) == duration::zero());
  CAF_CHECK(tested.left(at(11s)) == duration::zero());
}

CAF_TEST(a fault may be ended before its time and made again) {
  fault_switch tested;
  tested.turn_on(at(10s));
  tested.turn_off();
  CAF_CHECK(tested.left(at(4s)) == duration::zero());
  tested.turn_on(at(20s));
  CAF_CHECK(tested.left(at(4s)) == duration{16s});
}
