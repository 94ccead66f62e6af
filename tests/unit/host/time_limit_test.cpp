#define CAF_SUITE time_limit

#include <troupe_test/suite.hpp>

#include <chrono>
#include <future>
#include <optional>

#include <troupe/deploy/host/process/time_limit.hpp>

using namespace std::chrono_literals;
using troupe::host::time_limit;

CAF_TEST(a limit that passes calls back once) {
  std::promise<void> called; // a second time would throw
  const time_limit limit{1ms, [&called] { called.set_value(); }};
  CAF_CHECK(called.get_future().wait_for(60s) == std::future_status::ready);
}

CAF_TEST(a limit that is destroyed in time does not call back) {
  bool called = false;
  std::optional<time_limit> limit;
  limit.emplace(24h, [&called] { called = true; });
  limit.reset(); // and this does not wait for the day to end
  CAF_CHECK(!called);
}
