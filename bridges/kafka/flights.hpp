#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// One `publish` on its way. A slot for each message goes with it as its opaque and comes back in its delivery report; the
/// bytes stay here until then. It must not move: one thread at a time has it.
class flight {
public:
  struct slot {
    flight* of = nullptr;
    std::size_t index = 0;
  };

  flight(std::uint64_t number, std::vector<message> messages, instant given_up_at)
    : number_(number), given_up_at_(given_up_at), messages_(std::move(messages)), left_(messages_.size()) {
    answer_.outcomes.resize(left_, {errc::none, {}});
    slots_.reserve(left_);
    for (std::size_t i = 0; i < left_; ++i)
      slots_.push_back({this, i});
  }
  flight(const flight&) = delete;
  flight& operator=(const flight&) = delete;

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] instant given_up_at() const noexcept { return given_up_at_; } ///< if it has not left by then
  [[nodiscard]] const std::vector<message>& messages() const noexcept { return messages_; }
  [[nodiscard]] slot& at(std::size_t index) noexcept { return slots_[index]; }

  /// What became of one message.
  void settle(std::size_t index, failure outcome) {
    answer_.outcomes[index] = std::move(outcome);
    --left_;
  }
  [[nodiscard]] bool landed() const noexcept { return left_ == 0; }

  /// The same for all of them.
  void fail(const failure& why) {
    answer_.outcomes.assign(messages_.size(), why);
    left_ = 0;
  }

  [[nodiscard]] published take_answer() { return std::move(answer_); }

private:
  const std::uint64_t number_;
  const instant given_up_at_;
  const std::vector<message> messages_;
  std::vector<slot> slots_;
  published answer_;
  std::size_t left_;
};

using flight_ptr = std::unique_ptr<flight>;

} // namespace troupe::kafka
