#pragma once

#include <utility>

#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::sqlite {

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
