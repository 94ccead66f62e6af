#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// Work for one of the database's threads. Owned by the database from `submit` until it has received its outcome, which
/// happens exactly once. A job never owns the database.
class job {
public:
  job() = default;
  job(const job&) = delete;
  job& operator=(const job&) = delete;
  virtual ~job() = default;

  /// Runs on the thread of the connection. The writes of a failing run are undone, and no others.
  virtual expected<void> run(connection& on) = 0;

  /// Called once: with success only after the commit (of a write) returned. On the thread of the connection, or on the
  /// submitting thread when the job was refused: `overloaded` or `shutting_down`.
  virtual void completed(const expected<void>& outcome) noexcept = 0;

  /// The durability of the commit before `completed`.
  [[nodiscard]] virtual durability needs() const noexcept { return durability::synced; }

  /// About how many bytes it holds while it waits.
  [[nodiscard]] virtual std::size_t weight() const noexcept { return 512; }
};

using job_ptr = std::unique_ptr<job>;

/// A job of two callables: `run(connection&) -> expected<void>` and `completed(const expected<void>&) noexcept`.
template <class Run, class Completed>
job_ptr make_job(durability needs, Run run, Completed completed) {
  class callables final : public job {
  public:
    callables(durability needs, Run run, Completed completed)
      : run_(std::move(run)), completed_(std::move(completed)), needs_(needs) {}
    expected<void> run(connection& on) override { return run_(on); }
    void completed(const expected<void>& outcome) noexcept override { completed_(outcome); }
    [[nodiscard]] durability needs() const noexcept override { return needs_; }

  private:
    Run run_;
    Completed completed_;
    durability needs_;
  };
  return std::make_unique<callables>(needs, std::move(run), std::move(completed));
}

/// A job whose `run(connection&) -> expected<Result>` has a result: `deliver(expected<Result>)` gets it, or why there is
/// none, on the thread that completes the job. `weight` as in `job::weight`.
template <class Result, class Run, class Deliver>
job_ptr make_question(durability needs, Run run, Deliver deliver, std::size_t weight = 512) {
  class question final : public job {
  public:
    question(durability needs, Run run, Deliver deliver, std::size_t weight)
      : run_(std::move(run)), deliver_(std::move(deliver)), needs_(needs), weight_(weight) {}
    expected<void> run(connection& on) override {
      result_ = run_(on);
      return result_.has_error() ? expected<void>{result_.error()} : expected<void>{};
    }
    void completed(const expected<void>& outcome) noexcept override {
      deliver_(outcome.has_error() ? expected<Result>{outcome.error()} : std::move(result_));
    }
    [[nodiscard]] durability needs() const noexcept override { return needs_; }
    [[nodiscard]] std::size_t weight() const noexcept override { return weight_; }

  private:
    Run run_;
    Deliver deliver_;
    durability needs_;
    std::size_t weight_;
    expected<Result> result_{failure{}};
  };
  return std::make_unique<question>(needs, std::move(run), std::move(deliver), weight);
}

} // namespace troupe::sqlite
