#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/bridges/grpc/engine/handover.hpp>
#include <troupe/bridges/grpc/engine/metrics.hpp>
#include <troupe/bridges/grpc/server.hpp>

namespace troupe::grpc {

/// What all calls of one server share. Any thread.
class call_floor {
public:
  call_floor(const server_config& config, server_ports given);

  /// Admits a call while fewer than the bound are in flight; true: the caller must call `leave`.
  bool admit() noexcept;
  void leave() noexcept;

  void begun() noexcept { ++under_way_; }
  void ended() noexcept;

  /// Waits until no call is under way. Returns whether that happened in time.
  bool wait_until_empty(duration at_most);

  const server_ports ports;
  const actor_client<greeter_actor> greeter;
  const duration default_deadline;
  counter& refused;
  counter& malformed_traces;
  counter& late_answers;

private:
  void show() noexcept;

  gauge& in_flight_gauge_;
  const std::size_t bound_;
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> under_way_{0};
  std::mutex guard_;
  std::condition_variable emptied_;
};

/// One service of one contract, as its calls know it.
struct service_floor {
  std::shared_ptr<call_floor> all;
  std::string span_name; ///< "greeting.GreetingService/Greeting"
  handled_calls handled;
};

/// An admitted call in flight. It is held by the work for the call: until the answer is given, which may be after its
/// caller has left, but not until gRPC reports that the call is done.
class admission {
public:
  /// After `floor` has admitted the call.
  explicit admission(std::shared_ptr<call_floor> floor) noexcept : floor_(std::move(floor)) {}
  admission(admission&&) noexcept = default;
  admission& operator=(admission&&) = delete;
  ~admission() {
    if (floor_)
      floor_->leave();
  }

private:
  std::shared_ptr<call_floor> floor_;
};

/// The right to end a call, for which its answer and its cancellation race.
class call_ending {
public:
  explicit call_ending(std::shared_ptr<call_floor> floor) noexcept : floor_(std::move(floor)) {}
  call_ending(const call_ending&) = delete;
  call_ending& operator=(const call_ending&) = delete;

  /// True for the first caller.
  bool take() noexcept { return !taken_.exchange(true); }
  call_floor& floor() noexcept { return *floor_; }

private:
  std::shared_ptr<call_floor> floor_;
  std::atomic<bool> taken_{false};
};

/// A call under way: gRPC's view of it. Deletes itself when gRPC is done with it, which is never before it has ended.
class call : public ::grpc::ServerUnaryReactor {
public:
  call(std::shared_ptr<service_floor> floor, ::grpc::CallbackServerContext& context);

  /// Refuses the call or asks the greeter. `caller` is what its request says.
  void begin(expected<std::optional<greeting>> caller);

  /// Ends the call. The caller must have taken its `ending`.
  void end(const greeting_answer& answer);
  void end(failure why);

  void OnCancel() override;
  void OnDone() override;

  /// gRPC hands these two to threads of another pool unless a reactor says that they are short, as its own default reactor
  /// does. They never block; another pool would cost a quarter of a small service's processor time.
  bool InternalInlineable() override { return true; }

protected:
  virtual void write(const greeting_tree& tree, greeting_order order) = 0;

private:
  void send(greet ask, admission taken);
  void finish(const ::grpc::Status& status);

  std::shared_ptr<service_floor> floor_;
  ::grpc::CallbackServerContext& context_;
  const instant began_;
  greeting_order order_ = greeting_order::pre_order;
  std::optional<span> span_;
  std::stop_source abandoned_;
  std::shared_ptr<call_ending> ending_;
  handover to_grpc_;
};

} // namespace troupe::grpc
