#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <grpcpp/channel.h>

namespace troupe::grpc {

/// The connections to the addresses that a name has now. When they change, a second gRPC channel is opened, which shares the
/// connections that stay, and takes the place of the first as soon as it is connected; calls under way end on the first.
/// Any thread.
class current_channel {
public:
  using opener = std::function<std::shared_ptr<::grpc::Channel>()>;

  explicit current_channel(opener open);

  /// The channel for the next call.
  std::shared_ptr<::grpc::Channel> get();

  /// The name has other addresses.
  void renew();

private:
  const opener open_;
  std::mutex guard_;
  std::shared_ptr<::grpc::Channel> now_;
  std::shared_ptr<::grpc::Channel> next_;
};

} // namespace troupe::grpc
