#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace troupe::bench {

inline double milliseconds(std::chrono::steady_clock::duration span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

inline double quantile(std::vector<double> values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// What each round came to.
struct quantiles {
  std::vector<double> p50;
  std::vector<double> p99;

  void add(const std::vector<double>& took) {
    p50.push_back(quantile(took, 0.5));
    p99.push_back(quantile(took, 0.99));
  }
};

} // namespace troupe::bench
