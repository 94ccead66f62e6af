#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/source_location.hpp>
#include <troupe/messages/values/span_record.hpp>
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

/// What the text of a log line is made of.
enum class log_text : std::uint8_t {
  words,   ///< of the program: without payloads and secrets
  payload, ///< what a message brought, which stands in the log alone, because somebody wants it there
};

/// The author of a log line.
struct speaker {
  std::string_view service;
  std::string_view actor;
  const trace_context* trace = nullptr; ///< the message being handled, if there is one
  log_text text = log_text::words;
};

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
  /// Takes what there is to say of an ended span whose context is `recorded()`. Never waits. One that exports no spans
  /// ignores it.
  virtual void keep_span(const span_record_ptr& /*ended*/) noexcept {}
};

using observer_ptr = std::shared_ptr<observer>;

/// An observer that watches nothing.
observer_ptr silent_observer();

/// A span that ends with its scope. Movable; owned by one thread or one message at a time. Where its trace is not recorded,
/// it holds nothing but its context, and what is said of it is dropped unread.
class span {
public:
  /// `service` is the service that does the work; empty: the process.
  span(observer_ptr watcher, std::string_view name, span_kind kind, const trace_context& parent,
       std::string_view service = {})
    : watcher_(std::move(watcher)), context_(watcher_->begin_span(name, kind, parent)) {
    if (context_.recorded())
      record_ = begin_record(name, kind, service);
  }
  span(span&&) noexcept = default;
  span& operator=(span&&) = delete;
  ~span() {
    if (watcher_)
      end();
  }

  /// What work inside the span carries on.
  [[nodiscard]] const trace_context& context() const noexcept { return context_; }
  /// Whether anything that is said of it is kept: ask before composing an expensive text.
  [[nodiscard]] bool recorded() const noexcept { return record_ != nullptr; }

  /// Says something of the work. Never a payload, a secret or a header of a caller. `name` lives as long as the program.
  template <class T>
  span& with(std::string_view name, T&& value) {
    if (record_)
      record_->attributes.push_back({name, to_attribute(std::forward<T>(value))});
    return *this;
  }
  /// Relates the work to a span of another trace, or of another part of its own.
  span& link(const trace_context& to) {
    if (record_ && to.valid() && record_->links.size() < most_links)
      record_->links.push_back({to.trace_id, to.span_id});
    return *this;
  }
  /// The name, where it is known only later.
  span& rename(std::string_view name) {
    if (record_)
      record_->name = name;
    return *this;
  }
  /// The work began earlier.
  span& since(duration ago) {
    if (record_) {
      record_->began -= ago;
      began_ -= ago;
    }
    return *this;
  }
  void fail(failure why) { outcome_ = std::move(why); }

private:
  std::shared_ptr<span_record> begin_record(std::string_view name, span_kind kind, std::string_view service);
  void end() noexcept;

  observer_ptr watcher_;
  trace_context context_;
  failure outcome_{errc::none, {}};
  std::shared_ptr<span_record> record_; ///< none where it is not recorded; shared once it has ended
  instant began_;
};

} // namespace troupe
