#define CAF_SUITE time_limit

#include <troupe_test/suite.hpp>

#include <chrono>
#include <future>
#include <optional>

#include <troupe/deploy/node/process/time_limit.hpp>

using namespace std::chrono_literals;
using troupe::node::time_limit;

CAF_TEST(what is not over in its time is told once) {
  std::promise<void> told; // a second time would throw
  const time_limit limit{1ms, [&told] { told.set_value(); }};
  CAF_CHECK(told.get_future().wait_for(60s) == std::future_status::ready);
}

CAF_TEST(what is over in its time is not told of) {
  bool told = false;
  std::optional<time_limit> limit;
  limit.emplace(24h, [&told] { told = true; });
  limit.reset(); // and this does not wait for the day to end
  CAF_CHECK(!told);
}
