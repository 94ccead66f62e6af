#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/settings.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <troupe/bridges/telemetry/actor_metrics.hpp>
#include <troupe/bridges/telemetry/instruments.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::telemetry {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

namespace {

// What CAF calls it.
struct runtime_name {
  std::string_view prefix;
  std::string_view name;
};

// In the order of `exposed_actor_metrics`.
constexpr std::array<runtime_name, exposed_actor_metrics.size()> runtime_names{{
  {"caf.actor", "processing-time"},
  {"caf.actor", "mailbox-time"},
  {"caf.actor", "mailbox-size"},
  {"caf.system", "running-actors"},
  {"caf.system", "processed-messages"},
  {"caf.system", "rejected-messages"},
}};

template <class View>
std::string_view view(const View& text) {
  return {text.data(), text.size()};
}

struct actor_labels {
  std::string service;
  std::string actor;

  friend bool operator<(const actor_labels& left, const actor_labels& right) {
    return std::tie(left.service, left.actor) < std::tie(right.service, right.actor);
  }
};

actor_labels labels_of(const caf::telemetry::metric& metric) {
  for (const auto& label : metric.labels()) {
    if (view(label.name()) != "name")
      continue;
    const auto path = view(label.value());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos)
      return {well_formed(path), {}};
    return {well_formed(path.substr(0, slash)), well_formed(path.substr(slash + 1))};
  }
  return {};
}

// CAF shows its registry to whatever can be called with (family, metric, value).
class reader {
public:
  explicit reader(std::size_t series_bound) : series_bound_(series_bound) {}

  template <class Number>
  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* metric,
                  const caf::telemetry::counter<Number>* value) {
    if (auto* into = series(*family, *metric))
      into->counter.value += static_cast<double>(value->value());
  }

  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* metric,
                  const caf::telemetry::int_gauge* value) {
    // CAF begins to count after an actor was constructed: what it sent to itself before is only counted out.
    if (auto* into = series(*family, *metric))
      into->gauge.value += static_cast<double>(std::max<std::int64_t>(value->value(), 0));
  }

  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* metric,
                  const caf::telemetry::dbl_gauge* value) {
    if (auto* into = series(*family, *metric))
      into->gauge.value += value->value();
  }

  template <class Number>
  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* metric,
                  const caf::telemetry::histogram<Number>* value) {
    if (auto* into = series(*family, *metric))
      add(into->histogram, *value);
  }

  [[nodiscard]] std::vector<MetricFamily> take() {
    std::vector<MetricFamily> result;
    for (std::size_t i = 0; i < runtime_names.size(); ++i) {
      std::vector<ClientMetric> series;
      for (auto& [where, metric] : found_[i])
        series.push_back(std::move(metric));
      result.push_back(described(exposed_actor_metrics[i], std::move(series)));
    }
    return result;
  }

private:
  ClientMetric* series(const caf::telemetry::metric_family& family, const caf::telemetry::metric& metric) {
    const auto known = std::ranges::find_if(runtime_names, [&family](const auto& each) {
      return each.prefix == view(family.prefix()) && each.name == view(family.name());
    });
    if (known == runtime_names.end())
      return nullptr;
    auto& all = found_[static_cast<std::size_t>(known - runtime_names.begin())];
    if (metric.labels().empty())
      return &all[actor_labels{}];
    auto where = labels_of(metric);
    if (all.size() >= series_bound_ && !all.contains(where))
      where = {"other", "other"};
    auto& result = all[where];
    result.label = {{"actor", where.actor}, {"service", where.service}};
    return &result;
  }

  template <class Number>
  static void add(ClientMetric::Histogram& into, const caf::telemetry::histogram<Number>& from) {
    const auto buckets = from.buckets();
    into.bucket.resize(buckets.size());
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      total += static_cast<std::uint64_t>(buckets[i].count.value());
      into.bucket[i].cumulative_count += total;
      into.bucket[i].upper_bound =
        i + 1 < buckets.size() ? static_cast<double>(buckets[i].upper_bound) : std::numeric_limits<double>::infinity();
    }
    into.sample_count += total;
    into.sample_sum += static_cast<double>(from.sum());
  }

  std::size_t series_bound_;
  std::array<std::map<actor_labels, ClientMetric>, runtime_names.size()> found_;
};

} // namespace

void measure_actors(caf::actor_system_config& config) {
  // A path has a slash; the names of CAF's own actors and of an author's nameless ones have none.
  const std::vector<std::string> labelled{"*/**"};
#if TROUPE_CAF_1
  config.set("caf.metrics.filters.actors.includes", labelled);
#else
  config.set("caf.metrics-filters.actors.includes", labelled);
#endif
  const std::vector<double> bounds(duration_bounds.begin(), duration_bounds.end());
  for (const auto* metric : {"processing-time", "mailbox-time"})
    caf::put(config.content, "caf.metrics.caf.actor." + std::string{metric} + ".buckets", bounds);
}

std::vector<MetricFamily> collect_actor_metrics(const caf::actor_system& system, std::size_t series_bound) {
  reader read{series_bound};
  system.metrics().collect(read);
  return read.take();
}

} // namespace troupe::telemetry
