#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/actors/runtime/task.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Whether an actor's calls may run between one another's suspension points.
enum class interleaving {
  allowed,      ///< a call begins when its message is handled
  one_at_a_time ///< a call begins when the one before it is over
};

namespace coroutines {

/// `T`, or something in place of nothing.
template <class T>
using regular = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// What a suspended coroutine waits for. Outlives it where the outcome is still under way.
template <class T>
class pending {
public:
  void begin(task_run& run, std::coroutine_handle<> coroutine) noexcept {
    run_ = &run;
    coroutine_ = coroutine;
  }

  /// What to dispose of when the coroutine goes before the outcome comes.
  void comes_by(caf::disposable source) { source_ = std::move(source); }

  /// The coroutine has gone: no outcome matters any more.
  void abandon() noexcept {
    if (std::exchange(coroutine_, nullptr))
      std::exchange(source_, {}).dispose();
  }

  void complete(expected<regular<T>> outcome) {
    if (!coroutine_)
      return;
    source_ = {}; // which keeps this
    outcome_.emplace(std::move(outcome));
    run_->resume(std::exchange(coroutine_, nullptr));
  }

  [[nodiscard]] expected<regular<T>> take() { return std::move(*outcome_); }

private:
  task_run* run_ = nullptr;
  std::coroutine_handle<> coroutine_;
  caf::disposable source_;
  std::optional<expected<regular<T>>> outcome_;
};

/// An operation that begins when it is awaited: `Begin` receives the `pending` that it must complete, by shared pointer.
template <class T, class Begin>
class operation {
public:
  explicit operation(Begin begin) : begin_(std::move(begin)) {}
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  ~operation() { pending_->abandon(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Awaiting>
  void await_suspend(std::coroutine_handle<Awaiting> awaiting) {
    pending_->begin(awaiting.promise().run(), awaiting);
    begin_(pending_);
  }
  /// The outcome.
  expected<regular<T>> await_resume() { return pending_->take(); }

private:
  Begin begin_;
  std::shared_ptr<pending<T>> pending_ = std::make_shared<pending<T>>();
};

/// The same, awaited for its value: throws `call_failed` without one.
template <class T, class Begin>
class throwing_operation : public operation<T, Begin> {
public:
  using operation<T, Begin>::operation;

  T await_resume() {
    auto outcome = operation<T, Begin>::await_resume();
    if (outcome.has_error())
      throw call_failed{std::move(outcome).error()};
    if constexpr (!std::is_void_v<T>)
      return std::move(*outcome);
  }
};

} // namespace coroutines

/// Runs the coroutines of one actor: each message that a coroutine handles is a call of its own. A member of the actor's
/// state, used on that actor's thread alone; `Self` is the actor's type.
///
/// When the scope goes, with its incarnation, calls that are not over are destroyed where they wait, and their callers are
/// answered with `actor_failed` at once.
template <class Self>
class task_scope {
public:
  explicit task_scope(Self* self, interleaving how = interleaving::allowed) : self_(self), how_(how), requests_(self) {}
  task_scope(const task_scope&) = delete;
  task_scope& operator=(const task_scope&) = delete;
  ~task_scope() {
    // Nothing that ends here may begin another call.
    waiting_.clear();
    running_.clear();
  }

  /// Runs a call and answers the message that is being handled with its value, or with the failure of a `call_failed` that
  /// escapes it. Another exception ends the actor, after the caller was answered.
  template <class T>
  caf::result<T> run(task<T> body) {
    auto promise = self_->template make_response_promise<T>();
    waiting_.push_back(std::make_unique<call<T>>(*this, std::move(body), promise));
    begin_waiting();
    return promise;
  }

  /// Runs a call that answers no message. `on_end` gets its value, or the failure of a `call_failed` that escapes it; it may
  /// start further calls. Another exception ends the actor. Where the scope goes first, `on_end` is not called.
  template <class T, class OnEnd>
  void start(task<T> body, OnEnd on_end) {
    waiting_.push_back(std::make_unique<watched_call<T, OnEnd>>(*this, std::move(body), std::move(on_end)));
    begin_waiting();
  }

  /// Calls that have begun and are not over.
  [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }

  /// Awaited, sends a request and gives its `Answer`; throws `call_failed` with the error of the receiver, `actor_failed`
  /// when that ends before it answers, or `deadline_exceeded`.
  template <class Answer, class Handle, class Message>
  [[nodiscard]] auto ask(Handle receiver, duration timeout, Message message) {
    return operation_of<coroutines::throwing_operation, Answer>(
      asking<Answer>(std::move(receiver), timeout, std::move(message)));
  }

  /// The same, but gives the answer or the failure.
  template <class Answer, class Handle, class Message>
  [[nodiscard]] auto try_ask(Handle receiver, duration timeout, Message message) {
    return operation_of<coroutines::operation, Answer>(asking<Answer>(std::move(receiver), timeout, std::move(message)));
  }

  /// Sends a request at once; `outcome` is completed with the answer or the failure.
  template <class Answer, class Handle, class Message>
  void send(const Handle& receiver, duration timeout, Message message,
            std::shared_ptr<coroutines::pending<Answer>> outcome) {
    requests_.template ask<Answer>(
      receiver, timeout, std::move(message), [outcome](Answer& answer) { outcome->complete(std::move(answer)); },
      [outcome](const caf::error& why) { outcome->complete(to_failure(why)); });
  }

  /// Awaited, resumes after `span` on the actor's clock.
  [[nodiscard]] auto sleep(duration span) {
    return operation_of<coroutines::throwing_operation, void>([self = self_, span](auto pending) {
      pending->comes_by(
        self->run_delayed(std::max(span, duration::zero()), [pending] { pending->complete(std::monostate{}); }));
    });
  }

private:
  class any_call : public task_run {
  public:
    virtual std::coroutine_handle<> first() = 0;
  };

  template <class T>
  class call final : public any_call {
  public:
    call(task_scope& scope, task<T> body, caf::typed_response_promise<T> promise)
      : scope_(scope), body_(std::move(body)), promise_(std::move(promise)) {}

    std::coroutine_handle<> first() override { return body_.first_of(*this); }

  private:
    void finish() override {
      auto& scope = scope_;
      {
        const auto own = scope.running_.extract(this);
        deliver();
      }
      scope.begin_waiting();
    }

    void deliver() {
      try {
        if constexpr (std::is_void_v<T>) {
          body_.take();
          promise_.deliver();
        } else {
          promise_.deliver(body_.take());
        }
      } catch (const call_failed& failed) {
        promise_.deliver(to_error(failed.why()));
      } catch (...) {
        promise_.deliver(exception_to_error(std::current_exception()));
        throw;
      }
    }

    task_scope& scope_;
    task<T> body_;
    caf::typed_response_promise<T> promise_;
  };

  template <class T, class OnEnd>
  class watched_call final : public any_call {
  public:
    watched_call(task_scope& scope, task<T> body, OnEnd on_end)
      : scope_(scope), body_(std::move(body)), on_end_(std::move(on_end)) {}

    std::coroutine_handle<> first() override { return body_.first_of(*this); }

  private:
    void finish() override {
      auto& scope = scope_;
      {
        const auto own = scope.running_.extract(this);
        on_end_(outcome());
      }
      scope.begin_waiting();
    }

    expected<coroutines::regular<T>> outcome() {
      try {
        if constexpr (std::is_void_v<T>) {
          body_.take();
          return std::monostate{};
        } else {
          return body_.take();
        }
      } catch (const call_failed& failed) {
        return failed.why();
      }
    }

    task_scope& scope_;
    task<T> body_;
    OnEnd on_end_;
  };

  template <template <class, class> class Operation, class T, class Begin>
  static auto operation_of(Begin begin) {
    return Operation<T, Begin>{std::move(begin)};
  }

  template <class Answer, class Handle, class Message>
  auto asking(Handle receiver, duration timeout, Message message) {
    return [this, receiver = std::move(receiver), timeout, message = std::move(message)](auto pending) mutable {
      this->template send<Answer>(receiver, timeout, std::move(message), std::move(pending));
    };
  }

  // A call that ends at once leads back here, where the next one begins without a deeper stack.
  void begin_waiting() {
    if (std::exchange(beginning_, true))
      return;
    const auto done = std::unique_ptr<bool, decltype([](bool* flag) { *flag = false; })>{&beginning_};
    while (!waiting_.empty() && (how_ == interleaving::allowed || running_.empty())) {
      auto& next = *waiting_.front();
      running_.emplace(&next, std::move(waiting_.front()));
      waiting_.pop_front();
      next.resume(next.first());
    }
  }

  Self* self_;
  const interleaving how_;
  requests<Self> requests_;
  std::unordered_map<task_run*, std::unique_ptr<any_call>> running_;
  std::deque<std::unique_ptr<any_call>> waiting_; // to begin
  bool beginning_ = false;
};

} // namespace troupe
