#include <troupe/policies/breaker.hpp>

namespace troupe::policies {

namespace {

constexpr auto together = std::chrono::milliseconds{100}; // more than the answers to a connection that is lost are apart

} // namespace

std::string_view to_string(breaker_state state) noexcept {
  switch (state) {
    case breaker_state::closed:
      return "closed";
    case breaker_state::open:
      return "open";
    case breaker_state::half_open:
      return "half_open";
  }
  return "unknown";
}

bool is_dependency_failure(errc why) noexcept {
  switch (why) {
    case errc::breaker_open:
    case errc::shutting_down:
    case errc::actor_failed:
    case errc::partial:
      return false;
    default:
      return is_transient(why);
  }
}

bool is_callee_failure(errc why) noexcept {
  switch (why) {
    case errc::unauthenticated:
    case errc::forbidden:
    case errc::throttled:
    case errc::overloaded:
      return false;
    default:
      return is_dependency_failure(why);
  }
}

breaker::permit breaker::admit(instant now) noexcept {
  if (state_ == breaker_state::open && now >= until_)
    enter(breaker_state::half_open);
  switch (state_) {
    case breaker_state::closed:
      return permit{period_, counted_};
    case breaker_state::half_open:
      if (!probe_out_) {
        probe_out_ = true;
        return permit{period_, counted_};
      }
      break;
    case breaker_state::open:
      break;
  }
  return {};
}

void breaker::succeeded(permit held) noexcept {
  if (!current(held))
    return;
  if (state_ == breaker_state::half_open)
    enter(breaker_state::closed);
  failures_in_a_row_ = 0;
}

void breaker::failed(permit held, errc why, instant now) noexcept {
  if (!current(held))
    return;
  if (!is_dependency_failure(why))
    return abandoned(held);
  const bool is_known = held.counted_ < counted_ && now - last_failure_ < together;
  if (is_known && state_ == breaker_state::closed)
    return;
  ++counted_;
  last_failure_ = now;
  if (state_ == breaker_state::half_open || ++failures_in_a_row_ >= config_.failures)
    open(now);
}

void breaker::abandoned(permit held) noexcept {
  if (current(held) && state_ == breaker_state::half_open)
    enter(breaker_state::half_open);
}

duration breaker::open_for(instant now) const noexcept {
  return state_ == breaker_state::open && until_ > now ? until_ - now : duration::zero();
}

void breaker::enter(breaker_state next) noexcept {
  state_ = next;
  failures_in_a_row_ = 0;
  probe_out_ = false;
  ++period_;
}

void breaker::open(instant now) noexcept {
  enter(breaker_state::open);
  until_ = now + config_.open_for;
}

} // namespace troupe::policies
