#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <troupe/bridges/amqp/confirm_window.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/watermark.hpp>

namespace troupe::amqp {

/// One acknowledgement for the broker.
struct ack {
  std::uint64_t tag = 0;
  reach how = reach::one;

  friend bool operator==(const ack&, const ack&) = default;
};

/// Gathers the acknowledgements of one channel. The broker numbers deliveries from 1 on, and takes one acknowledgement for
/// many only where all of them are settled: up to the first that is not. A value: one thread at a time.
class ack_batch {
public:
  /// They go out when `after` deliveries are settled, or `every` after the first of them was.
  ack_batch(std::size_t after, duration every) noexcept : after_(after), every_(every) {}

  void arrived(std::uint64_t tag) { settled_to_.fetched(static_cast<std::int64_t>(tag)); }
  void settled(std::uint64_t tag, instant now);

  enum class pressing : std::uint8_t {
    due, ///< when there are enough, or it is time
    now, ///< whatever there is
  };

  /// What to send, each once.
  [[nodiscard]] std::vector<ack> next(pressing why, instant now);

  /// What is settled and not sent.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  /// When it is time, if anything waits.
  [[nodiscard]] std::optional<instant> due() const noexcept { return due_; }

private:
  std::size_t after_;
  duration every_;
  policies::watermark settled_to_{1};
  std::vector<std::uint64_t> waiting_; ///< settled, and not told to the broker
  std::optional<instant> due_;
};

} // namespace troupe::amqp
