#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <google/protobuf/message_lite.h>
#include <grpcpp/channel.h>

#include <troupe/bridges/grpc/config.hpp>
#include <troupe/bridges/grpc/engine/current_channel.hpp>
#include <troupe/bridges/grpc/engine/metrics.hpp>
#include <troupe/bridges/grpc/engine/name_watch.hpp>
#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::grpc {

/// The messages of one call. One thread at a time: the sender's, then those of gRPC, then the receiver's of its outcome.
class exchange {
public:
  virtual ~exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  [[nodiscard]] virtual const google::protobuf::MessageLite& request() const = 0;
  [[nodiscard]] virtual google::protobuf::MessageLite& response() = 0;

  /// Reads the response, which has come, and the metadata that followed it. On a thread of gRPC's.
  virtual expected<void> read(header_list trailing) = 0;

protected:
  exchange() = default;
};

/// Receives the outcome of a call: its exchange was read where the failure's code is `none`. On a thread of gRPC's, once.
using call_ended = std::function<void(std::shared_ptr<exchange> with, failure why)>;

/// A call that was sent. Any thread.
class sent_call {
public:
  virtual ~sent_call() = default;

  /// Ends the call early, as `cancelled`; no effect on one that has ended.
  virtual void cancel() noexcept = 0;
};

/// A method that a channel calls.
struct called_method {
  std::string service; ///< "shop.Orders"
  std::string name;    ///< "Place"
};

/// What a channel is opened with, beside its configuration.
struct channel_options {
  std::string service; ///< that calls; labels its metrics
  std::vector<called_method> methods;
  std::string unimplemented_hint; ///< is added to the reason where a peer does not know the method
};

/// The connections to one target, and the methods that it is asked for. Any thread.
class channel {
public:
  /// Connects nowhere yet. Fails with `invalid` for files or a target that cannot be used.
  static expected<std::shared_ptr<channel>> open(const client_config& config, channel_options options, observer_ptr watcher);

  ~channel();
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// Sends a call of the method of that index in `channel_options::methods`, which ends `within` that time. It is cancelled
  /// when its caller leaves, and lives until it has ended, also without an owner.
  std::shared_ptr<sent_call> call(std::size_t method, call_context context, duration within, std::shared_ptr<exchange> with,
                                  call_ended then);

private:
  class unary_call;
  struct stub;
  struct floor;

  channel(const client_config& config, channel_options options, observer_ptr watcher, current_channel::opener open);

  void watch_name();
  std::shared_ptr<const stub> current_stub();

  const std::string service_;
  const std::string host_; ///< to be looked up again and again; empty: an address, which is not
  const duration names_every_;
  std::vector<std::string> paths_; ///< "/shop.Orders/Place"
  current_channel connections_;
  std::shared_ptr<floor> floor_;
  std::mutex guard_;
  std::shared_ptr<const stub> stub_;
  std::once_flag watched_;
  name_watch names_; ///< ends first: it calls this
};

} // namespace troupe::grpc
