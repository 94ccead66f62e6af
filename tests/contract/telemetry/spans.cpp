#include <string>
#include <vector>

#define CAF_SUITE telemetry_spans
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/telemetry.hpp>

#include "surroundings.hpp"

namespace {

using namespace troupe;
using troupe::telemetry::span_exporter;
using troupe::telemetry_test::captured;

class recorded_spans final : public span_exporter {
public:
  trace_context::sampling begin(std::string_view name, span_kind kind, const trace_context& context) override {
    begun.emplace_back(std::string{name} + (kind == span_kind::server ? " server" : ""), context);
    return context.decision == trace_context::sampling::deferred ? trace_context::sampling::sampled : context.decision;
  }
  void end(const trace_context& context, const failure& outcome) noexcept override {
    ended.emplace_back(outcome.code, context);
  }

  std::vector<std::pair<std::string, trace_context>> begun;
  std::vector<std::pair<errc, trace_context>> ended;
};

trace_context parent() {
  auto result = new_trace([seed = std::uint64_t{0}]() mutable { return ++seed; });
  result.decision = trace_context::sampling::dropped;
  return result;
}

} // namespace

CAF_TEST(without an exporter a span is its parent) {
  const auto subject = telemetry::make_telemetry({}, {.sink = std::make_shared<captured>()});
  const auto from = parent();
  span work{subject, "greet", span_kind::server, from};
  CAF_CHECK(work.context() == from);
  CAF_CHECK(subject->begin_span("greet", span_kind::internal, {}) == trace_context{});
}

CAF_TEST(with an exporter a span is a child and tells how it ended) {
  const auto exporter = std::make_shared<recorded_spans>();
  const auto subject = telemetry::make_telemetry({}, {.sink = std::make_shared<captured>(), .exporter = exporter});
  const auto from = parent();
  {
    span work{subject, "greet", span_kind::server, from};
    CAF_CHECK(work.context().trace_id == from.trace_id);
    CAF_CHECK(work.context().span_id != from.span_id);
    CAF_CHECK(work.context().parent_span_id == from.span_id);
    CAF_CHECK(work.context().decision == trace_context::sampling::dropped);
    span below{subject, "store", span_kind::client, work.context()};
    CAF_CHECK(below.context().parent_span_id == work.context().span_id);
    below.fail({errc::unavailable, "away"});
  }
  CAF_REQUIRE_EQUAL(exporter->begun.size(), 2u);
  CAF_CHECK_EQUAL(exporter->begun[0].first, "greet server");
  CAF_REQUIRE_EQUAL(exporter->ended.size(), 2u);
  CAF_CHECK_EQUAL(exporter->ended[0].first, errc::unavailable);
  CAF_CHECK_EQUAL(exporter->ended[1].first, errc::none);
  CAF_CHECK(exporter->ended[0].second.span_id == exporter->begun[1].second.span_id);
}

CAF_TEST(a span without a parent begins a trace that the exporter decides about) {
  const auto exporter = std::make_shared<recorded_spans>();
  const auto subject = telemetry::make_telemetry({}, {.sink = std::make_shared<captured>(), .exporter = exporter});
  const auto root = subject->begin_span("tick", span_kind::producer, {});
  CAF_CHECK(root.valid());
  CAF_CHECK(root.parent_span_id == decltype(root.parent_span_id){});
  CAF_CHECK(root.decision == trace_context::sampling::sampled);
}
