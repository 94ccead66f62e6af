#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <troupe/messages/values/error.hpp>

namespace troupe {

/// What an awaited request throws when it fails, and what a coroutine throws to fail its own caller. Escaping a handler, it
/// is the handler's answer; any other exception ends the actor.
class call_failed : public std::runtime_error {
public:
  explicit call_failed(failure why) : std::runtime_error(to_string(why)), why_(std::move(why)) {}

  [[nodiscard]] const failure& why() const noexcept { return why_; }

private:
  failure why_;
};

/// One call that coroutines carry out: the one that began it and those that it awaits. Used on its actor's thread alone.
///
/// Coroutines resume one another through `resume_next`, never from within one another, so that a long chain of them needs no
/// deeper stack than a short one, whatever the compiler optimises.
class task_run {
public:
  virtual ~task_run() = default;
  task_run(const task_run&) = delete;
  task_run& operator=(const task_run&) = delete;

  /// Runs `coroutine`, and those that it wakes, until all of them wait. When the first one has ended the call is over and
  /// this is destroyed. Throws what escaped the call, other than `call_failed`.
  void resume(std::coroutine_handle<> coroutine) {
    resume_next(coroutine);
    while (next_)
      std::exchange(next_, nullptr).resume();
    if (over_)
      finish();
  }

  /// To be called by a coroutine that suspends itself: `coroutine` runs as soon as it has. None: the call is over.
  void resume_next(std::coroutine_handle<> coroutine) noexcept {
    next_ = coroutine;
    over_ = !coroutine;
  }

protected:
  task_run() = default;

  /// Delivers the outcome and destroys this.
  virtual void finish() = 0;

private:
  std::coroutine_handle<> next_;
  bool over_ = false;
};

/// A coroutine of an actor: begins when it is awaited or run by a `task_scope`, runs on its actor's thread, and is destroyed
/// with what owns it, at whatever it waits for then.
///
/// Its parameters should be values: a reference may be gone when it resumes.
template <class T = void>
class [[nodiscard]] task;

namespace coroutines {

/// What the promises of all tasks have.
class promise_base {
public:
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] auto final_suspend() const noexcept {
    struct awaiter {
      const promise_base& ended;

      [[nodiscard]] bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept { ended.run_->resume_next(ended.awaited_by_); }
      void await_resume() const noexcept {}
    };
    return awaiter{*this};
  }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  [[nodiscard]] task_run& run() const noexcept { return *run_; }
  void belongs_to(task_run& run, std::coroutine_handle<> awaited_by) noexcept {
    run_ = &run;
    awaited_by_ = awaited_by;
  }

protected:
  void throw_what_escaped() const {
    if (exception_)
      std::rethrow_exception(exception_);
  }

private:
  task_run* run_ = nullptr; // before the coroutine begins; it never does without one
  std::coroutine_handle<> awaited_by_;
  std::exception_ptr exception_;
};

template <class T>
class promise : public promise_base {
public:
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    throw_what_escaped();
    return std::move(*value_);
  }

private:
  std::optional<T> value_;
};

template <>
class promise<void> : public promise_base {
public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { throw_what_escaped(); }
};

template <class T>
class awaiter {
public:
  explicit awaiter(std::coroutine_handle<promise<T>> awaited) noexcept : awaited_(awaited) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Awaiting>
  void await_suspend(std::coroutine_handle<Awaiting> awaiting) const noexcept {
    auto& run = awaiting.promise().run();
    awaited_.promise().belongs_to(run, awaiting);
    run.resume_next(awaited_);
  }
  T await_resume() const { return awaited_.promise().take(); }

private:
  std::coroutine_handle<promise<T>> awaited_;
};

} // namespace coroutines

template <class T>
class [[nodiscard]] task {
public:
  using value_type = T;
  using promise_type = coroutines::promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle coroutine) noexcept : coroutine_(coroutine) {}
  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (coroutine_)
      coroutine_.destroy();
  }

  /// Makes this the first coroutine of a call. Returns what is to be resumed for it to begin.
  [[nodiscard]] std::coroutine_handle<> first_of(task_run& run) noexcept {
    coroutine_.promise().belongs_to(run, nullptr);
    return coroutine_;
  }

  /// The value of a coroutine that has ended. Throws what escaped it.
  T take() { return coroutine_.promise().take(); }

  /// Runs it as part of the call that awaits it, and gives its value or throws what escaped it.
  [[nodiscard]] auto operator co_await() && noexcept { return coroutines::awaiter<T>{coroutine_}; }

private:
  handle coroutine_;
};

namespace coroutines {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<promise>::from_promise(*this)};
}

inline task<void> promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<promise>::from_promise(*this)};
}

} // namespace coroutines

} // namespace troupe
