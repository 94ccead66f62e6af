#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <troupe/messages/values/observer.hpp>

namespace troupe::contract {

/// An observer whose metrics can be read and waited for, and which marks its spans by their context. A line of the log
/// counts as one of `log`.
class recorder final : public observer {
public:
  struct span_seen {
    std::string name;
    span_kind kind;
    failure outcome;
  };

  recorder();
  ~recorder() override;
  counter& make_counter(std::string_view name, std::string_view help, const label_list& labels) override;
  gauge& make_gauge(std::string_view name, std::string_view help, const label_list& labels) override;
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) override;
  bool logs(severity) const noexcept override { return true; }
  void log(severity, const speaker&, std::string_view text, source_location) override;
  trace_context begin_span(std::string_view name, span_kind kind, const trace_context& parent) override;
  void end_span(const trace_context& span, const failure& how) noexcept override;

  /// The sum of the series of that name whose labels contain `part`, such as `grpc_code=OK`.
  double value(const std::string& name, const std::string& part = {}) const;

  /// Waits until that sum is `wanted`.
  bool becomes(const std::string& name, const std::string& part, double wanted) const;

  /// Waits until that sum is at least `least`.
  bool reaches(const std::string& name, const std::string& part, double least) const;

  /// Waits until that sum is at most `most`.
  bool falls_to(const std::string& name, const std::string& part, double most) const;

  /// The spans that have ended, once there are that many.
  std::vector<span_seen> spans(std::size_t at_least) const;

  /// Whether a line that contains the text was logged by now.
  bool logged(std::string_view text) const;

private:
  class cell;
  cell& make(std::string_view name, const label_list& labels);
  double sum(const std::string& name, const std::string& part) const;
  bool comes_to(const std::string& name, const std::string& part, const std::function<bool(double)>& wanted) const;

  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  std::map<std::string, std::unique_ptr<cell>> cells_;
  std::map<std::string, span_seen> open_;
  std::vector<span_seen> ended_;
  std::vector<std::string> lines_;
};

} // namespace troupe::contract
