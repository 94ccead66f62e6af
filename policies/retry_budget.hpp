#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// How many of a client's calls may be retries, so that retries never multiply an outage: the rule of Finagle's RetryBudget.
struct retry_budget_config {
  /// Retries per hundred calls within the window.
  unsigned percent = 10;
  /// Retries that a window admits however few calls it saw, so that a quiet client may retry at all.
  unsigned minimum = 3;
  /// Over how long calls and retries are counted: a few deadlines (5 s), so that yesterday's calls do not pay for a storm
  /// now.
  duration window = std::chrono::seconds{10};
};

/// Counts calls and retries over a sliding window, in ten slots of a tenth of it each. Never admits more retries in a window
/// than max(minimum, percent of its calls). A value: one thread at a time; `now` never goes back.
class retry_budget {
public:
  explicit retry_budget(const retry_budget_config& config = {}) noexcept : config_(config) {}

  /// A call began at `now`: first attempts only.
  void called(instant now) noexcept;

  /// Whether the budget admits one more retry at `now`; if so, it is spent.
  [[nodiscard]] bool admit_retry(instant now) noexcept;

private:
  static constexpr std::size_t slot_count = 10;

  struct slot {
    std::int64_t number = 0; ///< which tenth of a window since the clock's epoch
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
  };

  [[nodiscard]] std::int64_t slot_number(instant now) const noexcept;
  slot& current(instant now) noexcept;

  retry_budget_config config_;
  std::array<slot, slot_count> slots_{};
};

} // namespace troupe::policies
