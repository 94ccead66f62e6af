#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <google/protobuf/message.h>

#include <troupe/actors/contracts/call.hpp>
#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/actors/runtime/task_scope.hpp>
#include <troupe/messages/ports/contract.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe {

/// Sends the calls of one actor's coroutines, and what they publish and write, whatever that actor's type. Used on that
/// actor's thread alone.
class call_sender {
public:
  virtual ~call_sender() = default;
  call_sender(const call_sender&) = delete;
  call_sender& operator=(const call_sender&) = delete;

  /// Sends at once. `outcome` is completed with the answer or the failure: within `at_most`, or by the call's deadline where
  /// that is sooner.
  virtual void send(const contract_actor& callee, duration at_most, contract_call call,
                    std::shared_ptr<coroutines::pending<contract_answer>> outcome) = 0;
  virtual void send(const publisher_actor& to, duration at_most, publish messages,
                    std::shared_ptr<coroutines::pending<published>> outcome) = 0;
  virtual void send(const store_actor& to, duration at_most, write_documents documents,
                    std::shared_ptr<coroutines::pending<written>> outcome) = 0;

protected:
  call_sender() = default;
};

/// The sender of an actor whose coroutines run in a `task_scope`. A member of its state beside the scope, which outlives it.
template <class Self>
class scope_call_sender final : public call_sender {
public:
  scope_call_sender(Self* self, task_scope<Self>& scope) noexcept : self_(self), scope_(scope) {}

  void send(const contract_actor& callee, duration at_most, contract_call call,
            std::shared_ptr<coroutines::pending<contract_answer>> outcome) override {
    const auto now = self_->clock().now();
    call.context.answer_by = call.context.answer_by.sooner(deadline::after(at_most, now));
    const auto within = call.context.answer_by.remaining(now);
    scope_.template send<contract_answer>(callee, within, std::move(call), std::move(outcome));
  }

  void send(const publisher_actor& to, duration at_most, publish messages,
            std::shared_ptr<coroutines::pending<published>> outcome) override {
    scope_.template send<published>(to, at_most, std::move(messages), std::move(outcome));
  }

  void send(const store_actor& to, duration at_most, write_documents documents,
            std::shared_ptr<coroutines::pending<written>> outcome) override {
    scope_.template send<written>(to, at_most, std::move(documents), std::move(outcome));
  }

private:
  Self* self_;
  task_scope<Self>& scope_;
};

/// Where the calls of a contract go. The client that is generated for a contract has one. Copies are the same.
struct contract_callee {
  contract_actor actor;
  call_sender* sender = nullptr; ///< outlives every call
  duration at_most = std::chrono::seconds{5};
  call_counts_ptr counts = nullptr; ///< null: nobody counts the calls
};

namespace coroutines {

/// Begins a call when it is awaited.
struct call_beginning {
  contract_callee to;
  contract_call call;

  void operator()(std::shared_ptr<pending<contract_answer>> outcome) {
    to.sender->send(to.actor, to.at_most, std::move(call), std::move(outcome));
  }
};

/// The response, which is moved out of the answer where nobody shares it.
template <class Response>
expected<Response> response_of(expected<contract_answer> answer) {
  if (answer.has_error())
    return std::move(answer).error();
  auto* const response = dynamic_cast<Response*>(answer->response.get());
  if (response == nullptr)
    return failure{errc::internal, "the callee answered with another type than " + Response::descriptor()->full_name()};
  if (answer->response.use_count() > 1)
    return *response;
  return std::move(*response);
}

} // namespace coroutines

/// A call of a contract. It is sent when it is awaited, which gives the response or throws `call_failed`:
///
///     const auto reserved = co_await stock.reserve(request, at);
///
/// Awaited by `outcome()`, it gives the response or the failure instead:
///
///     const auto tried = co_await stock.reserve(request, at).outcome();
template <class Response>
class [[nodiscard]] outbound_call : private coroutines::operation<contract_answer, coroutines::call_beginning> {
  using base = coroutines::operation<contract_answer, coroutines::call_beginning>;

  struct outcome_awaiter {
    outbound_call& call;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Awaiting>
    void await_suspend(std::coroutine_handle<Awaiting> awaiting) {
      call.base::await_suspend(awaiting);
    }
    expected<Response> await_resume() { return call.outcome_of(call.base::await_resume()); }
  };

public:
  outbound_call(const contract_callee& to, contract_call call) : base({to, std::move(call)}), counts_(to.counts) {}

  using base::await_ready;
  using base::await_suspend;
  Response await_resume() {
    auto outcome = outcome_of(base::await_resume());
    if (outcome.has_error())
      throw call_failed{std::move(outcome).error()};
    return std::move(*outcome);
  }

  /// Used within the expression that makes the call.
  [[nodiscard]] auto outcome() noexcept { return outcome_awaiter{*this}; }

private:
  expected<Response> outcome_of(expected<contract_answer> answer) const {
    auto result = coroutines::response_of<Response>(std::move(answer));
    if (counts_)
      counts_->ended(result.has_error() ? result.error().code : errc::none);
    return result;
  }

  call_counts_ptr counts_;
};

/// Makes the call of a method on behalf of the one that is being answered.
template <class Response, class Request>
outbound_call<Response> call_method(const contract_callee& to, const google::protobuf::MethodDescriptor& method,
                                    const char* name, Request&& request, call& at) {
  using value = std::remove_cvref_t<Request>;
  return {to, {&method, std::make_shared<const value>(std::forward<Request>(request)), at.next(name)}};
}

} // namespace troupe
