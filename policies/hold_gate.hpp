#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// A pause that a handler asks for: nothing is handed out before it is over, then a few probes at a time until one of them
/// is done. Batches carry rising numbers, so that what was handed out before the pause is not taken for a probe. A value:
/// one thread at a time; `now` never goes back.
class hold_gate {
public:
  /// Shut before `until`; then at most `probe` (at least 1) in flight at a time, until one of a batch after `last_batch` is
  /// done. Replaces an earlier hold.
  void hold(instant until, unsigned probe, std::uint64_t last_batch) noexcept {
    pause_ = pause{until, std::max(probe, 1U), last_batch};
  }

  /// Sets the time. Until then an expired pause still counts as one.
  void wake(instant now) noexcept {
    if (pause_ && now >= pause_->until)
      pause_->probing = true;
  }

  /// How many of `wanted` may be handed out.
  [[nodiscard]] std::size_t admits(std::size_t wanted) const noexcept {
    if (!pause_)
      return wanted;
    if (!pause_->probing)
      return 0;
    return std::min(wanted, pause_->limit - std::min(pause_->limit, pause_->in_flight));
  }

  void handed_out(std::uint64_t batch) noexcept {
    if (is_probe(batch))
      ++pause_->in_flight;
  }

  /// It is no longer in flight, with any outcome.
  void came_back(std::uint64_t batch) noexcept {
    if (is_probe(batch))
      --pause_->in_flight;
  }

  /// It came back done: if it was a probe, the pause is over.
  void done(std::uint64_t batch) noexcept {
    if (is_probe(batch))
      pause_.reset();
  }

  /// When the pause ends, until `wake` has been called with that time.
  [[nodiscard]] std::optional<instant> due() const noexcept {
    return pause_ && !pause_->probing ? std::optional{pause_->until} : std::nullopt;
  }

private:
  struct pause {
    instant until;
    std::size_t limit;
    std::uint64_t last_batch;
    bool probing = false;
    std::size_t in_flight = 0;
  };

  [[nodiscard]] bool is_probe(std::uint64_t batch) const noexcept { return pause_ && batch > pause_->last_batch; }

  std::optional<pause> pause_;
};

} // namespace troupe::policies
