#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/messages/values/time.hpp>

namespace troupe {

/// The instant by which a caller wants its answer. It stands on this process's monotonic clock and so never leaves it:
/// between processes the remaining time travels, and each end rebuilds the instant, so that clocks need not agree.
class deadline {
public:
  /// No limit.
  constexpr deadline() = default;

  /// The given instant.
  constexpr explicit deadline(instant at) : at_(at) {}

  /// `remaining` from `now`; a negative span has already passed, and one that ends after the clock does is no limit.
  static constexpr deadline after(duration remaining, instant now) {
    if (remaining > duration::zero() && now > instant::max() - remaining)
      return {};
    return deadline{now + remaining};
  }

  [[nodiscard]] constexpr bool limited() const noexcept { return at_ != instant::max(); }

  /// The instant itself; `instant::max()` when there is no limit.
  [[nodiscard]] constexpr instant at() const noexcept { return at_; }

  /// The time left, zero when it has passed, `duration::max()` when there is no limit.
  [[nodiscard]] constexpr duration remaining(instant now) const noexcept {
    if (!limited())
      return duration::max();
    return at_ > now ? at_ - now : duration::zero();
  }

  [[nodiscard]] constexpr bool passed(instant now) const noexcept { return limited() && at_ <= now; }

  /// The earlier of the two.
  [[nodiscard]] constexpr deadline sooner(deadline other) const noexcept { return at_ <= other.at_ ? *this : other; }

  friend constexpr bool operator==(deadline, deadline) = default;

private:
  instant at_ = instant::max();
};

/// The wire form of remaining time: the value of gRPC's `grpc-timeout` header, at most eight digits and a unit
/// (H, M, S, m, u, n), as https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md defines it. Rounds down.
std::string to_grpc_timeout(duration remaining);

/// Reads the wire form.
expected<duration> parse_grpc_timeout(std::string_view text);

} // namespace troupe
