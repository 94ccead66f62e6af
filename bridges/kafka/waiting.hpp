#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// What librdkafka's blocking calls want: at least 1.
inline int milliseconds_until(instant until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 1));
}

/// Between two tries to hand a message to a client that is full.
inline constexpr int queue_pause_ms = 10;

} // namespace troupe::kafka
