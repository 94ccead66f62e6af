#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/bridges/grpc/engine/handover.hpp>
#include <troupe/bridges/grpc/engine/metrics.hpp>
#include <troupe/bridges/grpc/metadata.hpp>
#include <troupe/bridges/grpc/server.hpp>

namespace troupe::grpc {

/// What all calls of one server share. Any thread.
class call_floor {
public:
  call_floor(const server_config& config, observer_ptr observed_by, random_source source);

  /// Admits a call while fewer than the bound are in flight; true: the caller must call `leave`.
  bool admit() noexcept;
  void leave() noexcept;

  void begun() noexcept { ++under_way_; }
  void ended() noexcept;

  /// Waits until no call is under way. Returns whether that happened in time.
  bool wait_until_empty(duration at_most);

  const observer_ptr watcher;
  const random_source random;
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

/// A method that is served, as its calls know it.
struct served_method {
  std::shared_ptr<call_floor> all;
  std::string span_name; ///< "greeting.GreetingService/Greeting"
  std::string service;   ///< of this process, that answers
  handled_calls handled;
};

/// The method of a service by its names, as the server's metrics have it.
std::shared_ptr<served_method> make_served_method(std::shared_ptr<call_floor> all, const server_config& config,
                                                  const std::string& service, const std::string& method);

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
class server_call : public ::grpc::ServerUnaryReactor {
public:
  server_call(std::shared_ptr<served_method> method, ::grpc::CallbackServerContext& context);

  /// Refuses the call or has it sent.
  void begin();

  /// Ends the call. The caller must have taken its `ending`.
  void end(failure why);

  void OnCancel() override;
  void OnDone() override;

  /// gRPC hands these two to threads of another pool unless a reactor says that they are short, as its own default reactor
  /// does. They never block; another pool would cost a quarter of a small service's processor time.
  bool InternalInlineable() override { return true; }

protected:
  /// Sends the call to its actor, by `send_to` in the end, or returns why it is refused.
  virtual expected<void> send(received_context received, admission taken) = 0;

  /// The initial metadata of an error.
  [[nodiscard]] virtual header_list error_metadata() const = 0;

  /// Has `of.end(answer)` end the call when `actor` answers. The last step of `send`: others may end the call from here on.
  template <class Handle, class Message, class Call>
  void send_to(const actor_client<Handle>& actor, Message message, Call& of, admission taken) {
    using answer = typename Call::answer_type;
    const auto due = due_;
    to_grpc_.give();
    // gRPC keeps the call at least until `begin` has returned.
    actor.ask(std::move(message), due, std::make_unique<ending_receiver<answer, Call>>(ending_, of, std::move(taken)),
              turns::here);
  }

  /// Ends the call with a response that was written, followed by this metadata.
  void finish_with(const header_list& trailing);

private:
  /// Waits for the answer of an actor. It may outlive the call: the ending says whether that is still there.
  template <class Answer, class Call>
  class ending_receiver final : public answer_receiver<Answer> {
  public:
    ending_receiver(std::shared_ptr<call_ending> right, Call& owed, admission taken) noexcept
      : ending_(std::move(right)), call_(&owed), admission_(std::move(taken)) {}

    void answered(const Answer& answer) override {
      if (may_end())
        call_->end(answer);
    }
    void failed(failure why) override {
      if (may_end())
        call_->end(std::move(why));
    }

  private:
    bool may_end() {
      if (ending_->take())
        return true;
      ending_->floor().late_answers.add();
      return false;
    }

    std::shared_ptr<call_ending> ending_;
    Call* call_; // valid after the ending was taken, until the call has ended
    admission admission_;
  };

  void finish(const ::grpc::Status& status);

  std::shared_ptr<served_method> method_;
  ::grpc::CallbackServerContext& context_;
  const instant began_;
  instant due_;
  std::optional<span> span_;
  std::stop_source abandoned_;
  std::shared_ptr<call_ending> ending_;
  handover to_grpc_;
};

} // namespace troupe::grpc
