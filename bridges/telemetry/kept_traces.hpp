#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/span_record.hpp>
#include <troupe/policies/trace_retention.hpp>

namespace troupe::telemetry {

/// The last traces of this process, within bounds of their number and bytes: those that failed, met a restart or were slow
/// are kept longest. Of a trace that is only exported, just such spans are kept. Any thread.
class kept_traces final : public span_sink {
public:
  explicit kept_traces(const policies::trace_retention_config& config) : config_(config), retention_(config) {}

  void take(const span_record_ptr& ended) noexcept override;

  /// Whether a span of that trace is here.
  [[nodiscard]] bool knows(const policies::trace_key& trace) const;

  /// The traces, newest first, as a JSON object whose member `traces` has of each its id, name, service, beginning, duration
  /// in milliseconds, number of spans, and the error that it met first.
  [[nodiscard]] std::string list() const;

  /// The spans of a trace by its 32 hexadecimal digits, in the order of their beginnings, as a JSON object; none where it is
  /// not here, or no such id.
  [[nodiscard]] std::optional<std::string> show(std::string_view id) const;

  /// The same for the caller that began the trace: of each span its id, parent, name, service, beginning, duration, and the
  /// error with its reason, and no more. Of `most_outlined` spans at most.
  [[nodiscard]] std::optional<std::string> outline(const policies::trace_key& trace) const;

  static constexpr std::size_t most_outlined = 500;

private:
  struct kept_trace {
    std::vector<span_record_ptr> spans;
    std::size_t left_out = 0;
  };

  void keep(const span_record_ptr& ended);
  [[nodiscard]] std::optional<kept_trace> find(const policies::trace_key& trace) const;

  const policies::trace_retention_config config_;
  mutable std::mutex guard_;
  policies::trace_retention retention_;
  std::map<policies::trace_key, kept_trace> traces_;
};

} // namespace troupe::telemetry
