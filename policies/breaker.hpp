#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// When to stop asking a dependency that keeps failing.
struct breaker_config {
  /// Transient failures in a row after which it opens: more than one delivery's in-place attempts (4), so that one message
  /// alone cannot open it. Attempts that fail together, as those of a connection that is lost, are one of them.
  unsigned failures = 5;
  /// How long nothing is attempted: a dependency that restarts needs about that long.
  duration open_for = std::chrono::seconds{15};
};

template <class Visitor, settings::self_of<breaker_config> Self>
void describe(Visitor& v, Self& breaker) {
  v.value("failures", breaker.failures, settings::between<unsigned>{1, 10'000},
          "more than one message's attempts in place, so that one message alone cannot open it");
  v.value("open", breaker.open_for, settings::any_wait, "about what a dependency needs to restart");
}

enum class breaker_state : std::uint8_t {
  closed,    ///< every attempt is admitted
  open,      ///< none is
  half_open, ///< the time is up: one probe is admitted, and its outcome decides
};

std::string_view to_string(breaker_state state) noexcept;

/// As metrics show it: 0 closed, 1 half open, 2 open.
constexpr double level_of(breaker_state state) noexcept {
  return state == breaker_state::closed ? 0 : state == breaker_state::half_open ? 1 : 2;
}

/// Whether a failure speaks against the dependency: transient, and not caused by ourselves (`breaker_open`,
/// `shutting_down`), nor a crash of the handler (`actor_failed`), nor an answer that merely lacks a part (`partial`).
[[nodiscard]] bool is_dependency_failure(errc why) noexcept;

/// The same for a service that is called on behalf of a client, whose metadata travels on to it: that it refuses the caller
/// (`unauthenticated`, `forbidden`), or refuses for now (`throttled`), and that a bound of ours was reached (`overloaded`),
/// is the client's fault or ours.
[[nodiscard]] bool is_callee_failure(errc why) noexcept;

/// A circuit breaker (M. Nygard, Release It!). A value: one thread at a time. Attempts may overlap: each holds the permit it
/// was admitted with, and an outcome that arrives after the breaker has changed its state in between is ignored.
class breaker {
public:
  /// What `admit` returns. True when the attempt may be made; then exactly one of `succeeded`, `failed` and `abandoned`
  /// follows.
  class permit {
  public:
    constexpr permit() noexcept = default; ///< of no attempt
    constexpr explicit operator bool() const noexcept { return period_ != 0; }

  private:
    friend class breaker;
    constexpr permit(std::uint64_t period, std::uint64_t counted) noexcept : period_(period), counted_(counted) {}
    std::uint64_t period_ = 0;
    std::uint64_t counted_ = 0; ///< failures until then
  };

  explicit breaker(const breaker_config& config = {}) noexcept : config_(config) {}

  /// May an attempt be made at `now`? When it was open for its time, the first to ask gets the one probe.
  [[nodiscard]] permit admit(instant now) noexcept;

  /// The attempt succeeded: ends the row of failures; as the probe, closes the breaker.
  void succeeded(permit held) noexcept;

  /// The attempt failed. A dependency failure counts: the fifth in a row opens the breaker, and so does the probe's. One
  /// that began before the last one that counts, and ended within 100 ms of it, is the same failure. Any other error says
  /// nothing about the dependency: the row stays as it is, and the probe is free for the next attempt.
  void failed(permit held, errc why, instant now) noexcept;

  /// The attempt was not made after all: the probe is free for the next one.
  void abandoned(permit held) noexcept;

  [[nodiscard]] breaker_state state() const noexcept { return state_; }

  /// How long it stays open from `now`; zero when it is not open, or its time is up.
  [[nodiscard]] duration open_for(instant now) const noexcept;

private:
  [[nodiscard]] bool current(permit held) const noexcept { return held && held.period_ == period_; }
  void enter(breaker_state next) noexcept;
  void open(instant now) noexcept;

  breaker_config config_;
  breaker_state state_ = breaker_state::closed;
  unsigned failures_in_a_row_ = 0;
  std::uint64_t counted_ = 0; ///< failures, ever
  instant last_failure_{};    ///< that counted
  bool probe_out_ = false;
  std::uint64_t period_ = 1; ///< of one state; a permit of an earlier one is void
  instant until_{};
};

} // namespace troupe::policies
