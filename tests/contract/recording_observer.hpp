#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <troupe/messages/values/observer.hpp>

namespace troupe::contract {

/// An observer whose counters can be waited for, and which keeps what gauges and histograms were given. Metrics of one name
/// are added up, whatever their labels.
class recording_observer : public observer {
public:
  counter& make_counter(std::string_view name, std::string_view, const label_list& labels) override {
    const std::lock_guard lock{guard_};
    labels_[std::string{name}] = labels.empty() ? std::string{} : std::string{labels.back().value};
    auto& place = counters_[std::string{name}];
    if (!place)
      place = std::make_unique<number>(*this);
    return *place;
  }
  gauge& make_gauge(std::string_view name, std::string_view, const label_list&) override {
    const std::lock_guard lock{guard_};
    return gauges_.try_emplace(std::string{name}, *this).first->second;
  }
  histogram& make_histogram(std::string_view name, std::string_view, const label_list&) override {
    const std::lock_guard lock{guard_};
    return histograms_.try_emplace(std::string{name}, *this).first->second;
  }
  [[nodiscard]] bool logs(severity) const noexcept override { return false; }
  void log(severity, const speaker&, std::string_view, std::source_location) override {}
  trace_context begin_span(std::string_view, span_kind, const trace_context& parent) override { return parent; }
  void end_span(const trace_context&, const failure&) noexcept override {}

  /// Waits until the counter has reached the amount; false when it never did.
  [[nodiscard]] bool wait_for(const std::string& name, double amount) {
    std::unique_lock lock{guard_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return value_of(name) >= amount; });
  }

  [[nodiscard]] double value(const std::string& name) {
    const std::lock_guard lock{guard_};
    return value_of(name);
  }

  /// The latest value of a gauge; 0 before the first.
  [[nodiscard]] double gauge_value(const std::string& name) {
    const std::lock_guard lock{guard_};
    const auto found = gauges_.find(name);
    return found == gauges_.end() ? 0 : found->second.value;
  }

  /// Waits until a gauge has that value; false when it never had.
  [[nodiscard]] bool wait_for_gauge(const std::string& name, double value) {
    std::unique_lock lock{guard_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] {
      const auto found = gauges_.find(name);
      return found != gauges_.end() && found->second.value == value;
    });
  }

  /// What a histogram was given, in order.
  [[nodiscard]] std::vector<double> observed(const std::string& name) {
    const std::lock_guard lock{guard_};
    const auto found = histograms_.find(name);
    return found == histograms_.end() ? std::vector<double>{} : found->second.values;
  }

  /// The value of the last label that a metric of that name was asked for with.
  [[nodiscard]] std::string last_label(const std::string& name) {
    const std::lock_guard lock{guard_};
    return labels_[name];
  }

private:
  struct number final : counter {
    explicit number(recording_observer& in) : in_(in) {}
    void add(double amount) noexcept override {
      const std::lock_guard lock{in_.guard_};
      value_ += amount;
      in_.changed_.notify_all();
    }
    recording_observer& in_;
    double value_ = 0;
  };
  struct level final : gauge {
    explicit level(recording_observer& in) : in_(in) {}
    void set(double to) noexcept override {
      const std::lock_guard lock{in_.guard_};
      value = to;
      in_.changed_.notify_all();
    }
    recording_observer& in_;
    double value = 0;
  };
  struct series final : histogram {
    explicit series(recording_observer& in) : in_(in) {}
    void observe(double value) noexcept override {
      const std::lock_guard lock{in_.guard_};
      values.push_back(value);
    }
    recording_observer& in_;
    std::vector<double> values;
  };

  double value_of(const std::string& name) const {
    const auto found = counters_.find(name);
    return found == counters_.end() ? 0 : found->second->value_;
  }

  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::unique_ptr<number>> counters_;
  std::map<std::string, std::string> labels_;
  std::map<std::string, level> gauges_;
  std::map<std::string, series> histograms_;
};

} // namespace troupe::contract
