#include <troupe/bridges/amqp/waker.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace troupe::amqp {

void waker::wait(instant until, also_wait_for also) noexcept {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  std::array<pollfd, 2> files{pollfd{file_, POLLIN, 0}, pollfd{also.socket, also.what, 0}};
  ::poll(files.data(), also.socket < 0 ? 1 : 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
  std::uint64_t nudges = 0;
  static_cast<void>(::read(file_, &nudges, sizeof nudges));
}

} // namespace troupe::amqp
