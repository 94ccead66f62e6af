#include <troupe/messages/values/observer.hpp>

namespace troupe {

namespace {

class silent_counter final : public counter {
public:
  void add(double /*amount*/) noexcept override {}
};

class silent_gauge final : public gauge {
public:
  void set(double /*value*/) noexcept override {}
};

class silent_histogram final : public histogram {
public:
  void observe(double /*value*/) noexcept override {}
};

/// Stateless, so that any thread may use it.
class silent final : public observer {
public:
  counter& make_counter(std::string_view /*name*/, std::string_view /*help*/, const label_list& /*labels*/) override {
    return counter_;
  }
  gauge& make_gauge(std::string_view /*name*/, std::string_view /*help*/, const label_list& /*labels*/) override {
    return gauge_;
  }
  histogram& make_histogram(std::string_view /*name*/, std::string_view /*help*/, const label_list& /*labels*/) override {
    return histogram_;
  }

  [[nodiscard]] bool logs(severity /*level*/) const noexcept override { return false; }
  void log(severity /*level*/, const speaker& /*who*/, std::string_view /*text*/, source_location /*where*/) override {}

  trace_context begin_span(std::string_view /*name*/, span_kind /*kind*/, const trace_context& parent) override {
    return parent;
  }
  void end_span(const trace_context& /*span*/, const failure& /*outcome*/) noexcept override {}

private:
  silent_counter counter_;
  silent_gauge gauge_;
  silent_histogram histogram_;
};

} // namespace

observer_ptr silent_observer() {
  return std::make_shared<silent>();
}

std::shared_ptr<span_record> span::begin_record(std::string_view name, span_kind kind, std::string_view service) {
  auto record = std::make_shared<span_record>();
  record->name = name;
  record->kind = kind;
  record->service = service;
  record->began = system_now();
  began_ = steady_now();
  return record;
}

void span::end() noexcept {
  watcher_->end_span(context_, outcome_);
  if (!record_)
    return;
  record_->took = steady_now() - began_;
  record_->context = std::move(context_);
  record_->outcome = std::move(outcome_);
  record_->outcome.reason = bounded_attribute(std::move(record_->outcome.reason));
  watcher_->keep_span(record_);
}

} // namespace troupe
