#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/amqp/retry_note.hpp>
#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// A message on its way to the broker.
struct parcel {
  message what;
  std::optional<std::string> routing_key; ///< none: the publisher's own
  std::optional<retry_note> note;
};

/// One request to publish on its way: what was asked, and what became of each message so far. One thread at a time has it.
class flight {
public:
  flight(std::uint64_t number, std::vector<parcel> parcels, instant given_up_at)
    : number_(number), given_up_at_(given_up_at), parcels_(std::move(parcels)), left_(parcels_.size()) {
    answer_.outcomes.resize(left_, {errc::none, {}});
    settled_.resize(left_, false);
  }
  flight(const flight&) = delete;
  flight& operator=(const flight&) = delete;

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] instant given_up_at() const noexcept { return given_up_at_; }
  [[nodiscard]] const std::vector<parcel>& parcels() const noexcept { return parcels_; }

  /// What became of one message; only the first word counts.
  void settle(std::size_t index, failure outcome) {
    if (settled_[index])
      return;
    settled_[index] = true;
    answer_.outcomes[index] = std::move(outcome);
    --left_;
  }
  [[nodiscard]] bool settled(std::size_t index) const noexcept { return settled_[index]; }
  [[nodiscard]] bool landed() const noexcept { return left_ == 0; }

  [[nodiscard]] published take_answer() { return std::move(answer_); }

private:
  const std::uint64_t number_;
  const instant given_up_at_;
  const std::vector<parcel> parcels_;
  std::vector<bool> settled_;
  published answer_;
  std::size_t left_;
};

using flight_ptr = std::shared_ptr<flight>; // of the request, and of each message that waits for its confirm

} // namespace troupe::amqp
