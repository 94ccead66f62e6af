#define CAF_SUITE miniature_quota
#include <troupe_test/suite.hpp>

#include "quota.hpp"

using namespace std::chrono_literals;
using miniature::quota;

namespace {

constexpr troupe::instant at(troupe::duration since) {
  return troupe::instant{} + since;
}

} // namespace

CAF_TEST(a window lets its number of calls through and no more) {
  quota tested{{.calls = 2, .window = 1s}};
  CAF_CHECK(tested.admit(at(0s)));
  CAF_CHECK(tested.admit(at(999ms)));
  CAF_CHECK(!tested.admit(at(999ms)));
}

CAF_TEST(a new window begins when the one before is over) {
  quota tested{{.calls = 1, .window = 1s}};
  CAF_CHECK(tested.admit(at(0s)));
  CAF_CHECK(!tested.admit(at(999ms)));
  CAF_CHECK(tested.admit(at(1s)));
  CAF_CHECK(!tested.admit(at(1999ms)));
}

CAF_TEST(a quota of nothing refuses every call) {
  quota tested{{.calls = 0, .window = 1s}};
  CAF_CHECK(!tested.admit(at(0s)));
  CAF_CHECK(!tested.admit(at(5s)));
}
