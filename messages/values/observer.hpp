#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/source_location.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// A number that only grows. Any thread.
class counter {
public:
  virtual ~counter() = default;
  virtual void add(double amount = 1) noexcept = 0;
};

/// A number that goes up and down. Any thread.
class gauge {
public:
  virtual ~gauge() = default;
  virtual void set(double value) noexcept = 0;
};

/// A distribution. Durations are observed in seconds. Any thread.
class histogram {
public:
  virtual ~histogram() = default;
  virtual void observe(double value) noexcept = 0;
};

/// A dimension of a metric. Values come from the topology or from an enum, never from a message: cardinality is bounded.
struct label {
  std::string_view name;
  std::string_view value;
};

using label_list = std::vector<label>;

enum class severity : std::uint8_t { trace, debug, info, warning, error };

/// The author of a log line.
struct speaker {
  std::string_view service;
  std::string_view actor;
  const trace_context* trace = nullptr; ///< the message being handled, if there is one
};

/// What happens inside a span, for exporters of spans.
enum class span_kind : std::uint8_t { internal, server, client, producer, consumer };

/// How actors, policies' drivers and bridges are watched. They decide what is said and where spans begin and end; the
/// implementation decides where it goes. Every member may be called from any thread. References returned stay valid as
/// long as the observer; asking twice with the same name and labels gives the same metric, so ask once and keep it.
/// Metric names follow https://prometheus.io/docs/practices/naming/.
class observer {
public:
  virtual ~observer() = default;

  virtual counter& make_counter(std::string_view name, std::string_view help, const label_list& labels) = 0;
  virtual gauge& make_gauge(std::string_view name, std::string_view help, const label_list& labels) = 0;
  /// A histogram with buckets for durations, 100 us to 30 s.
  virtual histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) = 0;

  /// Whether a line of that severity would be written; ask before building an expensive text.
  [[nodiscard]] virtual bool logs(severity level) const noexcept = 0;
  virtual void log(severity level, const speaker& who, std::string_view text,
                   source_location where = source_location::current()) = 0;

  /// Begins a span below `parent` and returns the context that work inside it carries on. An observer that exports no spans
  /// returns the parent unchanged, so that what surrounds the process (a mesh) sees an unbroken trace.
  virtual trace_context begin_span(std::string_view name, span_kind kind, const trace_context& parent) = 0;
  /// Ends the span that `begin_span` returned. `outcome.code` is `errc::none` for success.
  virtual void end_span(const trace_context& span, const failure& outcome) noexcept = 0;
};

using observer_ptr = std::shared_ptr<observer>;

/// An observer that watches nothing.
observer_ptr silent_observer();

/// A span that ends with its scope. Movable; owned by one thread or one message at a time.
class span {
public:
  span(observer_ptr watcher, std::string_view name, span_kind kind, const trace_context& parent)
    : watcher_(std::move(watcher)), context_(watcher_->begin_span(name, kind, parent)) {}
  span(span&&) noexcept = default;
  span& operator=(span&&) = delete;
  ~span() {
    if (watcher_)
      watcher_->end_span(context_, outcome_);
  }

  /// What work inside the span carries on.
  [[nodiscard]] const trace_context& context() const noexcept { return context_; }
  void fail(failure why) { outcome_ = std::move(why); }

private:
  observer_ptr watcher_;
  trace_context context_;
  failure outcome_{errc::none, {}};
};

} // namespace troupe
