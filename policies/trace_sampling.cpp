#include <troupe/policies/trace_sampling.hpp>

#include <chrono>

namespace troupe::policies {

namespace {

bool within_ratio(const std::array<std::uint8_t, 16>& trace_id, double ratio) noexcept {
  if (ratio >= 1)
    return true;
  std::uint64_t random = 0;
  for (std::size_t i = 8; i != trace_id.size(); ++i)
    random = random << 8U | trace_id[i];
  constexpr double range = 9223372036854775808.0; // 2^63: other SDKs leave out the lowest bit
  return (random >> 1U) < static_cast<std::uint64_t>(ratio * range);
}

bool begins_sampled(const trace_sampling_config& config, const trace_context& trace) noexcept {
  switch (config.sampler) {
    case sampler::parentbased_always_on:
    case sampler::always_on:
      return true;
    case sampler::parentbased_traceidratio:
    case sampler::traceidratio:
      return within_ratio(trace.trace_id, config.ratio);
    default:
      return false;
  }
}

bool follows_parent(sampler one) noexcept {
  return one == sampler::parentbased_always_on || one == sampler::parentbased_always_off
         || one == sampler::parentbased_traceidratio;
}

} // namespace

bool is_sampled(const trace_sampling_config& config, const trace_context& trace) noexcept {
  using sampling = trace_context::sampling;
  if (trace.decision == sampling::debug)
    return true;
  if (!follows_parent(config.sampler) || trace.decision == sampling::deferred)
    return begins_sampled(config, trace);
  return trace.decision == sampling::sampled;
}

bool trace_rate::admit(instant now) noexcept {
  if (now >= until_) {
    until_ = now + std::chrono::seconds{1};
    left_ = a_second_;
  }
  if (left_ == 0)
    return false;
  --left_;
  return true;
}

} // namespace troupe::policies
