#include <troupe/bridges/telemetry/metric_values.hpp>

#include <algorithm>

namespace troupe::telemetry {

namespace {

double value_of(const prometheus::ClientMetric& from, prometheus::MetricType type) noexcept {
  switch (type) {
    case prometheus::MetricType::Counter:
      return from.counter.value;
    case prometheus::MetricType::Gauge:
      return from.gauge.value;
    case prometheus::MetricType::Histogram:
      return static_cast<double>(from.histogram.sample_count);
    default:
      return 0;
  }
}

bool has_all(const metric_sample& one, const label_list& wanted) {
  return std::ranges::all_of(wanted, [&](const label& each) { return one.label(each.name) == each.value; });
}

} // namespace

std::string_view metric_sample::label(std::string_view name) const noexcept {
  const auto found = std::ranges::find(labels, name, [](const auto& each) { return std::string_view{each.first}; });
  return found == labels.end() ? std::string_view{} : found->second;
}

metric_values::metric_values(const std::vector<prometheus::MetricFamily>& all) {
  for (const auto& family : all)
    for (const auto& each : family.metric) {
      metric_sample one{{}, value_of(each, family.type)};
      for (const auto& label : each.label)
        one.labels.emplace_back(label.name, label.value);
      by_name_[family.name].push_back(std::move(one));
    }
}

const std::vector<metric_sample>& metric_values::of(std::string_view name) const noexcept {
  static const std::vector<metric_sample> none;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? none : found->second;
}

std::optional<double> metric_values::sum(std::string_view name, const label_list& with) const {
  std::optional<double> result;
  for (const auto& each : of(name))
    if (has_all(each, with))
      result = result.value_or(0) + each.value;
  return result;
}

} // namespace troupe::telemetry
