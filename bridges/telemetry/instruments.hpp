#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <prometheus/client_metric.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_type.h>

#include <troupe/messages/values/observer.hpp>

namespace troupe::telemetry {

/// Upper bounds of the buckets of every duration, in seconds.
inline constexpr std::array<double, 17> duration_bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                        0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};

/// How many values instruments refused, because they would have spoiled a sum for ever.
using refusals = std::atomic<std::uint64_t>;

/// A counter as Prometheus keeps it. Refuses amounts that are negative or not finite.
class counter_instrument final : public counter {
public:
  static constexpr auto type = prometheus::MetricType::Counter;

  explicit counter_instrument(refusals& refused) : refused_(refused) {}

  void add(double amount) noexcept override {
    if (std::isfinite(amount) && amount >= 0)
      value_.Increment(amount);
    else
      refused_.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] prometheus::ClientMetric collect() const { return value_.Collect(); }

private:
  refusals& refused_;
  prometheus::Counter value_;
};

/// A gauge as Prometheus keeps it. Every value is one: the next `set` replaces it.
class gauge_instrument final : public gauge {
public:
  static constexpr auto type = prometheus::MetricType::Gauge;

  explicit gauge_instrument(refusals&) {}

  void set(double value) noexcept override { value_.Set(value); }

  [[nodiscard]] prometheus::ClientMetric collect() const { return value_.Collect(); }

private:
  prometheus::Gauge value_;
};

/// A histogram of durations. Prometheus's own takes a lock for each observation, which actors on several threads would
/// queue at; this one counts in atomics. The number of observations is the sum of the buckets, so that a collection in
/// the middle of an observation still adds up; the sum of the values may then be one observation apart. Refuses values that
/// are not finite.
class histogram_instrument final : public histogram {
public:
  static constexpr auto type = prometheus::MetricType::Histogram;

  explicit histogram_instrument(refusals& refused) : refused_(refused) {}

  void observe(double value) noexcept override {
    if (!std::isfinite(value)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    std::size_t bucket = 0;
    while (bucket < duration_bounds.size() && value > duration_bounds[bucket])
      ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  [[nodiscard]] prometheus::ClientMetric collect() const {
    prometheus::ClientMetric result;
    auto& out = result.histogram;
    out.bucket.reserve(counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      out.sample_count += counts_[i].load(std::memory_order_relaxed);
      const auto bound = i < duration_bounds.size() ? duration_bounds[i] : std::numeric_limits<double>::infinity();
      out.bucket.push_back({out.sample_count, bound});
    }
    out.sample_sum = sum_.load(std::memory_order_relaxed);
    return result;
  }

private:
  refusals& refused_;
  std::array<std::atomic<std::uint64_t>, duration_bounds.size() + 1> counts_{};
  std::atomic<double> sum_{0};
};

} // namespace troupe::telemetry
