#define CAF_SUITE usual_time

#include <troupe_test/suite.hpp>

#include <troupe/policies/usual_time.hpp>

using namespace std::chrono_literals;
using troupe::duration;
using troupe::policies::usual_time;

namespace {

usual_time after(int count, duration took) {
  usual_time result;
  for (int each = 0; each != count; ++each)
    result.answered(took);
  return result;
}

} // namespace

CAF_TEST(a dependency that never answered is given a second before its silence counts) {
  CAF_CHECK(!usual_time{}.enough(999ms));
  CAF_CHECK(usual_time{}.enough(1s));
}

CAF_TEST(a fast dependency is given a tenth of a second all the same) {
  const auto fast = after(20, 1ms);
  CAF_CHECK(!fast.enough(99ms));
  CAF_CHECK(fast.enough(100ms));
}

CAF_TEST(less than a dependency usually takes is not enough) {
  const auto slow = after(20, 800ms);
  CAF_CHECK(!slow.enough(799ms));
  CAF_CHECK(slow.enough(1s));
  CAF_CHECK(!after(1, 800ms).enough(1s));
}

CAF_TEST(a dependency whose answers take now short and now long is given the long time) {
  usual_time mixed;
  for (int each = 0; each != 50; ++each)
    mixed.answered(each % 5 == 0 ? 900ms : 10ms);
  CAF_CHECK(!mixed.enough(300ms));
  CAF_CHECK(mixed.enough(4s));
}

CAF_TEST(what is usual changes with the answers) {
  auto dependency = after(20, 2s);
  CAF_CHECK(!dependency.enough(500ms));
  for (int each = 0; each != 100; ++each)
    dependency.answered(5ms);
  CAF_CHECK(dependency.enough(500ms));
}

CAF_TEST(nearly all of a default deadline is always enough) {
  CAF_CHECK(after(20, 30s).enough(4s));
}
