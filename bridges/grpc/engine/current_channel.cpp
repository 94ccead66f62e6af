#include <troupe/bridges/grpc/engine/current_channel.hpp>

#include <utility>

namespace troupe::grpc {

namespace {

bool is_connected(::grpc::Channel& which) {
  return which.GetState(false) == GRPC_CHANNEL_READY;
}

} // namespace

current_channel::current_channel(opener open) : open_(std::move(open)), now_(open_()) {}

std::shared_ptr<::grpc::Channel> current_channel::get() {
  const std::scoped_lock lock{guard_};
  if (next_ && (is_connected(*next_) || !is_connected(*now_)))
    now_ = std::exchange(next_, nullptr);
  return now_;
}

void current_channel::renew() {
  auto next = open_();
  next->GetState(true); // begins to connect
  const std::scoped_lock lock{guard_};
  next_ = std::move(next);
}

} // namespace troupe::grpc
