#define CAF_SUITE observer

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/observer.hpp>

using namespace troupe;

namespace {

/// Notes the spans that begin and end.
class span_watcher final : public observer {
public:
  counter& make_counter(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_counter(name, help, labels);
  }
  gauge& make_gauge(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_gauge(name, help, labels);
  }
  histogram& make_histogram(std::string_view name, std::string_view help, const label_list& labels) override {
    return silent_->make_histogram(name, help, labels);
  }
  [[nodiscard]] bool logs(severity level) const noexcept override { return silent_->logs(level); }
  void log(severity level, const speaker& who, std::string_view text, source_location where) override {
    silent_->log(level, who, text, where);
  }
  trace_context begin_span(std::string_view name, span_kind /*kind*/, const trace_context& parent) override {
    events.push_back("begin " + std::string{name});
    auto context = parent;
    context.span_id.back() = 9;
    return context;
  }
  void end_span(const trace_context& span, const failure& outcome) noexcept override {
    events.push_back("end " + span_id_text(span) + ' ' + to_string(outcome));
  }

  std::vector<std::string> events;

private:
  observer_ptr silent_ = silent_observer();
};

} // namespace

CAF_TEST(an observer that watches nothing takes everything and leaves the trace unbroken) {
  const auto silent = silent_observer();
  silent->make_counter("c", "help", {}).add();
  silent->make_gauge("g", "help", {{"service", "a"}}).set(1);
  silent->make_histogram("h", "help", {}).observe(0.1);
  CAF_CHECK(!silent->logs(severity::error));
  silent->log(severity::error, {}, "text");
  trace_context parent;
  parent.trace_id.back() = 1;
  parent.span_id.back() = 2;
  CAF_CHECK(silent->begin_span("name", span_kind::server, parent) == parent);
  silent->end_span(parent, {errc::none, {}});
}

CAF_TEST(a span ends once with its scope and says its outcome) {
  const auto watcher = std::make_shared<span_watcher>();
  {
    span outer{watcher, "outer", span_kind::consumer, {}};
    CAF_CHECK_EQUAL(span_id_text(outer.context()), "0000000000000009");
    span moved{std::move(outer)};
    moved.fail({errc::rejected, "by the store"});
    CAF_CHECK_EQUAL(watcher->events.size(), 1U);
  }
  CAF_CHECK((watcher->events == std::vector<std::string>{"begin outer", "end 0000000000000009 rejected: by the store"}));
}
