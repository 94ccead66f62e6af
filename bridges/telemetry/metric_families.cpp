#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>
#include <utility>

#include <prometheus/check_names.h>
#include <prometheus/text_serializer.h>

#include <troupe/bridges/telemetry/metric_families.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::telemetry {

using prometheus::ClientMetric;
using prometheus::MetricType;

/// One metric with all its series.
class metric_family {
public:
  using label_names = std::vector<std::string>;

  metric_family(MetricType type, std::string help, label_names names)
    : type_(type), help_(std::move(help)), names_(std::move(names)) {}
  virtual ~metric_family() = default;

  [[nodiscard]] MetricType type() const noexcept { return type_; }
  [[nodiscard]] const std::string& help() const noexcept { return help_; }
  [[nodiscard]] const label_names& names() const noexcept { return names_; }
  [[nodiscard]] std::uint64_t overflowed() const noexcept { return overflowed_; }
  [[nodiscard]] virtual std::vector<ClientMetric> collect() const = 0;

protected:
  std::uint64_t overflowed_ = 0;

private:
  MetricType type_;
  std::string help_;
  label_names names_;
};

namespace {

constexpr exposed_metric overflow_metric{"troupe_metric_series_overflow_total", MetricType::Counter,
                                         "Uses of a metric's shared series because its bound of series was reached."};
constexpr exposed_metric refused_metric{"troupe_metric_values_refused_total", MetricType::Counter,
                                        "Values that metrics refused: negative for a counter, or not finite."};
constexpr std::array<std::string_view, 3> histogram_suffixes{"_bucket", "_count", "_sum"};

template <class Instrument>
class family_of final : public metric_family {
public:
  using values = std::vector<std::string>;

  family_of(std::string help, label_names names) : metric_family(Instrument::type, std::move(help), std::move(names)) {}

  Instrument& series(values key, std::size_t bound, refusals& refused) {
    if (const auto found = series_.find(key); found != series_.end())
      return *found->second;
    if (series_.size() >= bound) {
      ++overflowed_;
      key.assign(key.size(), "other");
    }
    auto& slot = series_[std::move(key)];
    if (!slot)
      slot = std::make_unique<Instrument>(refused);
    return *slot;
  }

  [[nodiscard]] std::vector<ClientMetric> collect() const override {
    std::vector<ClientMetric> result;
    result.reserve(series_.size());
    for (const auto& [key, instrument] : series_) {
      result.push_back(instrument->collect());
      for (std::size_t i = 0; i < key.size(); ++i)
        result.back().label.push_back({names()[i], key[i]});
    }
    return result;
  }

private:
  std::map<values, std::unique_ptr<Instrument>> series_;
};

[[noreturn]] void refuse(std::string_view metric, std::string_view reason) {
  throw std::invalid_argument("metric \"" + std::string{metric} + "\" " + std::string{reason});
}

/// The labels sorted by name, so that their order makes no difference.
std::vector<label> checked_labels(std::string_view metric, MetricType type, const label_list& labels) {
  auto result = labels;
  std::ranges::sort(result, {}, &label::name);
  for (const auto& each : result)
    if (!prometheus::CheckLabelName(std::string{each.name}) || (type == MetricType::Histogram && each.name == "le"))
      refuse(metric, "has a label name that Prometheus does not accept");
  if (std::ranges::adjacent_find(result, {}, &label::name) != result.end())
    refuse(metric, "has a label twice");
  return result;
}

/// The help text as the format wants it, which the serializer writes as it is.
std::string escaped_help(std::string_view help) {
  std::string result;
  for (const auto c : well_formed(help)) {
    if (c == '\n')
      result += "\\n";
    else if (c == '\\')
      result += "\\\\";
    else
      result += c;
  }
  return result;
}

} // namespace

prometheus::MetricFamily described(const exposed_metric& metric, std::vector<ClientMetric> series) {
  return {std::string{metric.name}, std::string{metric.help}, metric.type, std::move(series)};
}

metric_families::metric_families(std::size_t series_bound) : series_bound_(series_bound) {
  reserve(overflow_metric);
  reserve(refused_metric);
}

metric_families::~metric_families() = default;

counter& metric_families::make_counter(std::string_view name, std::string_view help, const label_list& labels) {
  return make<counter_instrument>(name, help, labels);
}

gauge& metric_families::make_gauge(std::string_view name, std::string_view help, const label_list& labels) {
  return make<gauge_instrument>(name, help, labels);
}

histogram& metric_families::make_histogram(std::string_view name, std::string_view help, const label_list& labels) {
  return make<histogram_instrument>(name, help, labels);
}

void metric_families::reserve(const exposed_metric& metric) {
  const std::lock_guard guard{mutex_};
  require_free(metric.name, metric.type);
  reserved_.emplace(metric.name, metric.type);
}

template <class Instrument>
Instrument& metric_families::make(std::string_view name, std::string_view help, const label_list& labels) {
  if (!prometheus::CheckMetricName(std::string{name}))
    refuse(name, "is not a name that Prometheus accepts");
  const auto sorted = checked_labels(name, Instrument::type, labels);
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& each : sorted) {
    names.emplace_back(each.name);
    values.push_back(well_formed(each.value));
  }
  const std::lock_guard guard{mutex_};
  auto found = families_.find(name);
  if (found == families_.end()) {
    require_free(name, Instrument::type);
    found = families_.emplace(name, std::make_unique<family_of<Instrument>>(escaped_help(help), names)).first;
  }
  if (found->second->type() != Instrument::type)
    refuse(name, "exists with another type");
  if (found->second->names() != names)
    refuse(name, "exists with other label names");
  return static_cast<family_of<Instrument>&>(*found->second).series(std::move(values), series_bound_, refused_);
}

// A histogram x is exposed as x_bucket, x_count and x_sum, which must not be other metrics.
void metric_families::require_free(std::string_view name, MetricType type) const {
  const auto is_taken = [this](std::string_view other) { return families_.contains(other) || reserved_.contains(other); };
  const auto is_histogram = [this](std::string_view other) {
    const auto family = families_.find(other);
    const auto kept = reserved_.find(other);
    return (family != families_.end() && family->second->type() == MetricType::Histogram)
           || (kept != reserved_.end() && kept->second == MetricType::Histogram);
  };
  if (is_taken(name))
    refuse(name, "is taken");
  for (const auto suffix : histogram_suffixes) {
    if (type == MetricType::Histogram && is_taken(std::string{name}.append(suffix)))
      refuse(name, "would share a series with another metric");
    if (name.ends_with(suffix) && is_histogram(name.substr(0, name.size() - suffix.size())))
      refuse(name, "is a series of a histogram");
  }
}

std::vector<prometheus::MetricFamily> metric_families::collect() const {
  const std::lock_guard guard{mutex_};
  std::vector<prometheus::MetricFamily> result;
  result.reserve(families_.size() + 2);
  for (const auto& [name, family] : families_)
    result.push_back({name, family->help(), family->type(), family->collect()});
  result.push_back(overflow());
  ClientMetric refused;
  refused.counter.value = static_cast<double>(refused_.load(std::memory_order_relaxed));
  result.push_back(described(refused_metric, {std::move(refused)}));
  return result;
}

prometheus::MetricFamily metric_families::overflow() const {
  std::vector<ClientMetric> each;
  for (const auto& [name, family] : families_) {
    if (family->overflowed() == 0)
      continue;
    ClientMetric value;
    value.label = {{"metric", name}};
    value.counter.value = static_cast<double>(family->overflowed());
    each.push_back(std::move(value));
  }
  return described(overflow_metric, std::move(each));
}

std::string to_text(std::vector<prometheus::MetricFamily> families) {
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace troupe::telemetry
