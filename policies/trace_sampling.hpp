#pragma once

#include <array>
#include <cstdint>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe::policies {

/// OpenTelemetry's samplers (https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers), by the names of
/// OTEL_TRACES_SAMPLER. The first three leave to a caller what it has decided.
enum class sampler : std::uint8_t {
  parentbased_always_on,
  parentbased_always_off,
  parentbased_traceidratio,
  always_on,
  always_off,
  traceidratio,
};

constexpr auto words_of(sampler) {
  using enum sampler;
  return settings::words<sampler>({{"parentbased_always_on", parentbased_always_on},
                                   {"parentbased_always_off", parentbased_always_off},
                                   {"parentbased_traceidratio", parentbased_traceidratio},
                                   {"always_on", always_on},
                                   {"always_off", always_off},
                                   {"traceidratio", traceidratio}});
}

struct trace_sampling_config {
  policies::sampler sampler = sampler::parentbased_always_on;
  double ratio = 1; ///< of traces, 0 to 1: for the two samplers that take one
};

/// Whether the spans of a trace are to be recorded. `debug` is a caller's order and always followed. The same trace has the
/// same answer in every process with the same ratio, and in the SDKs that take the id's last eight bytes for its random
/// part.
[[nodiscard]] bool is_sampled(const trace_sampling_config& config, const trace_context& trace) noexcept;

/// Lets a number of traces through in each second, the first of which begins with the first trace. A value: one thread at a
/// time; `now` never goes back by more than a clock's resolution.
class trace_rate {
public:
  explicit trace_rate(std::uint32_t a_second) noexcept : a_second_(a_second) {}

  [[nodiscard]] bool admit(instant now) noexcept;

private:
  std::uint32_t a_second_;
  std::uint32_t left_ = 0;
  instant until_{};
};

} // namespace troupe::policies
