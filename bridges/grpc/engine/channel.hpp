#pragma once

#include <functional>
#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/grpc/engine/metrics.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::grpc {

/// Receives the outcome of a call: the answer where the failure's code is `none`. On a thread of gRPC's, once.
using call_ended = std::function<void(greeting_answer&& answer, failure&& why)>;

/// A call that was sent. Any thread.
class outbound_call {
public:
  virtual ~outbound_call() = default;

  /// Ends the call early, as `cancelled`; no effect on one that has ended.
  virtual void cancel() noexcept = 0;
};

/// The connections to one target, and its contract. Any thread.
class channel {
public:
  /// Connects nowhere yet. Fails with `invalid` for files or a target that cannot be used.
  static expected<std::shared_ptr<channel>> open(const client_config& config, const std::string& service,
                                                 observer_ptr watcher);

  virtual ~channel() = default;

  /// Sends a call that ends `within` that time. It is cancelled when its caller leaves, and lives until it has ended,
  /// also without an owner.
  virtual std::shared_ptr<outbound_call> call(greet ask, duration within, call_ended then) = 0;
};

} // namespace troupe::grpc
