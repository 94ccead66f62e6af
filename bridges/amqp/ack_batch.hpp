#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/watermark.hpp>

namespace troupe::amqp {

/// One acknowledgement to send to the broker.
struct ack {
  std::uint64_t tag = 0;
  reach how = reach::one;

  friend bool operator==(const ack&, const ack&) = default;
};

/// Collects the acknowledgements of one channel. The broker numbers deliveries from 1; one acknowledgement for many must not
/// include an unsettled delivery. A value: one thread at a time.
class ack_batch {
public:
  /// They are due when `after` deliveries are settled, or `every` after the first of them was settled.
  ack_batch(std::size_t after, duration every) noexcept : after_(after), every_(every) {}

  void arrived(std::uint64_t tag) { settled_to_.fetched(static_cast<std::int64_t>(tag)); }
  void settled(std::uint64_t tag, instant now);

  enum class pressing : std::uint8_t {
    due, ///< only if they are due
    now, ///< all
  };

  /// The acknowledgements to send. Each is returned once.
  [[nodiscard]] std::vector<ack> next(pressing why, instant now);

  /// How many deliveries are settled and not acknowledged.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  /// When they are due, if any wait.
  [[nodiscard]] std::optional<instant> due() const noexcept { return due_; }

private:
  std::size_t after_;
  duration every_;
  policies::watermark settled_to_{1};
  std::vector<std::uint64_t> waiting_; ///< settled and not acknowledged
  std::optional<instant> due_;
};

} // namespace troupe::amqp
