#pragma once

#include <string_view>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe::telemetry {

/// Where spans go, when they go anywhere. An implementation keeps what it needs between beginning and end, within a bound of
/// its own. Any thread.
class span_exporter {
public:
  virtual ~span_exporter() = default;

  /// A span of the given context begins now; its parent is `span.parent_span_id`, all zero at a root. Returns the sampling
  /// decision that work inside the span carries on: `span.decision`, or the exporter's own where that is deferred.
  virtual trace_context::sampling begin(std::string_view name, span_kind kind, const trace_context& span) = 0;

  /// The span that began with these ids ends now. `outcome.code` is `errc::none` for success.
  virtual void end(const trace_context& span, const failure& outcome) noexcept = 0;
};

} // namespace troupe::telemetry
