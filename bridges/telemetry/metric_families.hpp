#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <troupe/bridges/telemetry/instruments.hpp>

namespace troupe::telemetry {

/// A metric that is read from elsewhere at every scrape.
struct exposed_metric {
  std::string_view name;
  prometheus::MetricType type;
  std::string_view help;
};

/// Its series as Prometheus's library has them.
prometheus::MetricFamily described(const exposed_metric& metric, std::vector<prometheus::ClientMetric> series);

class metric_family;

/// Every metric that was made, by name. Names, types and label names follow
/// https://prometheus.io/docs/concepts/data_model/: breaking them, or asking for a name again with another type or other
/// label names, is a programmer's mistake and throws `std::invalid_argument`. Label values may be any text. Any thread.
class metric_families {
public:
  /// `series_bound`: how many label combinations each metric may have. Further ones share the one series whose label values
  /// are all "other", and are counted by troupe_metric_series_overflow_total.
  explicit metric_families(std::size_t series_bound);
  ~metric_families();
  metric_families(const metric_families&) = delete;
  metric_families& operator=(const metric_families&) = delete;

  counter& make_counter(std::string_view name, std::string_view help, const label_list& labels);
  gauge& make_gauge(std::string_view name, std::string_view help, const label_list& labels);
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels);

  /// Reserves the name for its exposer: nobody can make a metric of it.
  void reserve(const exposed_metric& metric);

  /// The value of everything, now, sorted by name.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

private:
  template <class Instrument>
  Instrument& make(std::string_view name, std::string_view help, const label_list& labels);
  void require_free(std::string_view name, prometheus::MetricType type) const;
  [[nodiscard]] prometheus::MetricFamily overflow() const;

  const std::size_t series_bound_;
  refusals refused_{0};
  mutable std::mutex mutex_; // guards what follows; instruments are used without it
  std::map<std::string, std::unique_ptr<metric_family>, std::less<>> families_;
  std::map<std::string, prometheus::MetricType, std::less<>> reserved_;
};

/// The text form, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), sorted by name. Metrics
/// without a series are left out.
std::string to_text(std::vector<prometheus::MetricFamily> families);

} // namespace troupe::telemetry
