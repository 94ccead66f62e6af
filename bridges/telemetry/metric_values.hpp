#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include <troupe/messages/values/observer.hpp>

namespace troupe::telemetry {

/// One series of a metric at one moment.
struct metric_sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0; ///< of a histogram, the number of observations

  /// The value of a label; empty: it has no such one.
  [[nodiscard]] std::string_view label(std::string_view name) const noexcept;
};

/// The values of all metrics at one moment. A value.
class metric_values {
public:
  explicit metric_values(const std::vector<prometheus::MetricFamily>& all);

  /// The series of a metric; none where there is no such metric.
  [[nodiscard]] const std::vector<metric_sample>& of(std::string_view name) const noexcept;

  /// The sum of the series that have all these labels; nothing where no series has them.
  [[nodiscard]] std::optional<double> sum(std::string_view name, const label_list& with) const;

private:
  std::map<std::string, std::vector<metric_sample>, std::less<>> by_name_;
};

} // namespace troupe::telemetry
