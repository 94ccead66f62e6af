#include <memory>
#include <string>
#include <vector>

#define CAF_SUITE telemetry_spans
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/telemetry.hpp>

#include "surroundings.hpp"

namespace {

using namespace troupe;
using sampling = trace_context::sampling;
using troupe::telemetry_test::captured;

class kept_spans final : public span_sink {
public:
  [[nodiscard]] bool has_room() const noexcept override { return room; }
  void take(const span_record_ptr& ended) noexcept override { all.push_back(ended); }

  std::vector<span_record_ptr> all;
  bool room = true;
};

struct tracing {
  explicit tracing(policies::trace_sampling_config config = {}, policies::trace_retention_config kept_here = {.traces = 0},
                   std::uint32_t kept_a_second = 10) {
    telemetry::telemetry_config all;
    all.sampling = config;
    all.traces = kept_here;
    all.traces_a_second = kept_a_second;
    subject = telemetry::make_telemetry(all, {.sink = std::make_shared<captured>(), .monotonic = [] { return instant{}; }});
    subject->send_spans_to(&kept);
  }

  kept_spans kept;
  std::shared_ptr<telemetry::telemetry> subject;
};

trace_context context(sampling decision) {
  auto result = new_trace([seed = std::uint64_t{0}]() mutable { return ++seed; });
  result.decision = decision;
  return result;
}

/// As it comes in with a call.
trace_context received(sampling decision) {
  auto result = context(decision);
  result.here = trace_context::recording::undecided;
  return result;
}

constexpr std::array<std::uint8_t, 8> no_span{};

} // namespace

CAF_TEST(where spans go nowhere a span is its parent) {
  const auto subject = telemetry::make_telemetry({}, {.sink = std::make_shared<captured>()});
  const auto from = received(sampling::sampled);
  span work{subject, "greet", span_kind::server, from};
  CAF_CHECK(work.context() == from);
  CAF_CHECK(!work.recorded());
  CAF_CHECK(subject->begin_span("greet", span_kind::internal, {}) == trace_context{});
}

CAF_TEST(a span of a sampled trace is a child of its caller and says what it was) {
  tracing t;
  const auto from = received(sampling::sampled);
  trace_context inner;
  {
    span work{t.subject, "greet", span_kind::server, from, "service-a"};
    work.with("http.route", std::string{"/greet"}).with("http.response.status_code", 503).with("troupe.complete", false);
    work.link(received(sampling::sampled));
    span below{t.subject, "store", span_kind::client, work.context(), "service-a"};
    below.fail({errc::unavailable, "away"});
    inner = below.context();
  }
  CAF_REQUIRE_EQUAL(t.kept.all.size(), 2u);
  const auto& store = *t.kept.all[0];
  const auto& work = *t.kept.all[1];
  CAF_CHECK(work.context.trace_id == from.trace_id);
  CAF_CHECK(work.context.parent_span_id == from.span_id);
  CAF_CHECK(work.context.decision == sampling::sampled);
  CAF_CHECK(store.context.parent_span_id == work.context.span_id);
  CAF_CHECK(store.context == inner);
  CAF_CHECK_EQUAL(store.outcome.code, errc::unavailable);
  CAF_CHECK_EQUAL(work.outcome.code, errc::none);
  CAF_CHECK_EQUAL(work.name, "greet");
  CAF_CHECK_EQUAL(work.service, "service-a");
  CAF_CHECK(work.kind == span_kind::server);
  CAF_CHECK_EQUAL(work.links.size(), 1u);
  CAF_REQUIRE_EQUAL(work.attributes.size(), 3u);
  CAF_CHECK_EQUAL(std::get<std::string>(work.attributes[0].value), "/greet");
  CAF_CHECK_EQUAL(std::get<std::int64_t>(work.attributes[1].value), 503);
  CAF_CHECK(!std::get<bool>(work.attributes[2].value));
  CAF_CHECK(work.took >= store.took);
}

CAF_TEST(the first span of a trace that begins here is its root) {
  tracing t;
  const auto begun = context(sampling::deferred);
  { span work{t.subject, "greet", span_kind::server, begun}; }
  { span work{t.subject, "tick", span_kind::producer, trace_context{}}; }
  CAF_REQUIRE_EQUAL(t.kept.all.size(), 2u);
  CAF_CHECK(t.kept.all[0]->context.span_id == begun.span_id);
  CAF_CHECK(t.kept.all[0]->context.trace_id == begun.trace_id);
  for (const auto& each : t.kept.all) {
    CAF_CHECK(each->context.valid());
    CAF_CHECK(each->context.parent_span_id == no_span);
  }
}

CAF_TEST(where an exporter has no room whole traces are left out and counted) {
  tracing t;
  span with_room{t.subject, "greet", span_kind::server, received(sampling::sampled)};
  t.kept.room = false;
  CAF_CHECK(span(t.subject, "store", span_kind::client, with_room.context()).recorded()); // it has begun
  for (const auto& [from, decision] : {std::pair{context(sampling::deferred), sampling::dropped},
                                       std::pair{received(sampling::deferred), sampling::dropped},
                                       std::pair{received(sampling::sampled), sampling::sampled}}) {
    const span work{t.subject, "greet", span_kind::server, from};
    const span below{t.subject, "store", span_kind::client, work.context()};
    CAF_CHECK(!work.recorded());
    CAF_CHECK(!below.recorded());
    CAF_CHECK(below.context().span_id == from.span_id);
    CAF_CHECK(below.context().decision == decision); // others may have room for what a caller has sampled
  }
  CAF_CHECK(t.subject->metrics_text().find("troupe_traces_left_out_total 3\n") != std::string::npos);
  CAF_CHECK(span(t.subject, "greet", span_kind::server, received(sampling::debug)).recorded());
}

CAF_TEST(what an exporter has no room for is kept in the process as if nothing were exported) {
  tracing t{{}, {.traces = 10}};
  t.kept.room = false;
  const auto begun = context(sampling::deferred);
  { const span work{t.subject, "greet", span_kind::server, begun}; }
  CAF_CHECK(t.subject->traces().show(trace_id_text(begun)));
}

CAF_TEST(a trace that is left out keeps its ids and is left out of all that follows) {
  tracing t{{.sampler = policies::sampler::parentbased_always_off}};
  for (const auto& from : {context(sampling::deferred), received(sampling::deferred), received(sampling::dropped)}) {
    span work{t.subject, "greet", span_kind::server, from};
    span below{t.subject, "store", span_kind::client, work.context()};
    CAF_CHECK(!below.recorded());
    CAF_CHECK(below.context().span_id == from.span_id);
    CAF_CHECK(below.context().decision == sampling::dropped);
  }
  CAF_CHECK(t.kept.all.empty());
}

CAF_TEST(a caller who wants to debug a trace has it recorded whatever the sampler) {
  tracing t{{.sampler = policies::sampler::always_off}};
  {
    span work{t.subject, "greet", span_kind::server, received(sampling::debug)};
    CAF_CHECK(work.context().decision == sampling::debug);
  }
  CAF_CHECK_EQUAL(t.kept.all.size(), 1u);
}

namespace {

std::shared_ptr<telemetry::telemetry> keeping(std::uint32_t a_second = 1) {
  telemetry::telemetry_config config;
  config.traces.traces = 10;
  config.traces_a_second = a_second;
  return telemetry::make_telemetry(config, {.sink = std::make_shared<captured>(), .monotonic = [] { return instant{}; }});
}

} // namespace

CAF_TEST(without a collector so many traces a second are recorded of those that begin here) {
  const auto subject = keeping();
  const auto first = context(sampling::deferred);
  {
    span work{subject, "greet", span_kind::server, first, "service-a"};
    work.with("text", std::string{"\"quoted\""});
    span below{subject, "store", span_kind::client, work.context(), "service-a"};
    below.fail({errc::actor_failed, "ended"});
  }
  auto second = first;
  second.trace_id[0] ^= 1;
  span beyond{subject, "greet", span_kind::server, second};
  CAF_CHECK(!beyond.recorded());
  CAF_CHECK(beyond.context() == second); // nobody else sees what was decided here
  span of_caller{subject, "greet", span_kind::server, [&] {
                   auto other = second;
                   other.here = trace_context::recording::undecided;
                   other.decision = sampling::sampled;
                   return other;
                 }()};
  CAF_CHECK(!of_caller.recorded());
  auto back = first; // over a channel
  back.here = trace_context::recording::undecided;
  back.decision = sampling::sampled;
  span consumed{subject, "receive", span_kind::consumer, back};
  CAF_CHECK(consumed.recorded());
  const auto list = boost::json::parse(subject->traces().list()).at("traces").as_array();
  CAF_REQUIRE_EQUAL(list.size(), 1u);
  CAF_CHECK_EQUAL(list[0].at("id").as_string(), trace_id_text(first));
  CAF_CHECK_EQUAL(list[0].at("name").as_string(), "greet");
  CAF_CHECK_EQUAL(list[0].at("error").as_string(), "actor_failed");
  CAF_CHECK_EQUAL(list[0].at("spans").as_int64(), 2);
  const auto shown = boost::json::parse(*subject->traces().show(trace_id_text(first)));
  const auto& spans = shown.at("spans").as_array();
  CAF_REQUIRE_EQUAL(spans.size(), 2u);
  CAF_CHECK_EQUAL(spans[0].at("attributes").at("text").as_string(), "\"quoted\"");
  CAF_CHECK(spans[0].as_object().find("parent") == spans[0].as_object().end());
  CAF_CHECK_EQUAL(spans[1].at("parent").as_string(), spans[0].at("id").as_string());
  CAF_CHECK(!subject->traces().show("no such id"));
  const auto outline = boost::json::parse(*subject->traces().outline(first.trace_id));
  CAF_REQUIRE_EQUAL(outline.at("spans").as_array().size(), 2u);
  for (const auto& each : outline.at("spans").as_array())
    CAF_CHECK(each.as_object().find("attributes") == each.as_object().end());
  CAF_CHECK(!subject->traces().outline({1}));
}

CAF_TEST(the outline of a trace has no more spans than its bound and says how many it leaves out) {
  telemetry::telemetry_config config;
  config.traces.traces = 10;
  telemetry::kept_traces kept{config.traces};
  const auto more = telemetry::kept_traces::most_outlined + 20;
  for (std::size_t number = 0; number != more; ++number) {
    auto one = std::make_shared<span_record>();
    one->name = "span";
    one->context.trace_id = {7};
    kept.take(one);
  }
  const auto outline = boost::json::parse(*kept.outline({7}));
  CAF_CHECK_EQUAL(outline.at("spans").as_array().size(), telemetry::kept_traces::most_outlined);
  CAF_CHECK_EQUAL(outline.at("left-out").as_int64(), 20);
  CAF_CHECK_EQUAL(boost::json::parse(*kept.show("07000000000000000000000000000000")).at("spans").as_array().size(), more);
}

CAF_TEST(of the traces that are exported so many a second are kept and those that failed or were slow) {
  tracing t{{}, {.traces = 10, .slow = std::chrono::hours{1}}, 1};
  auto first = received(sampling::sampled);
  { const span work{t.subject, "greet", span_kind::server, first}; }
  auto second = first;
  second.trace_id[0] ^= 1;
  {
    const span work{t.subject, "greet", span_kind::server, second};
    const span well{t.subject, "write", span_kind::client, work.context()};
    span below{t.subject, "store", span_kind::client, work.context()};
    below.fail({errc::unavailable, "away"});
  }
  CAF_CHECK_EQUAL(t.kept.all.size(), 4u);
  const auto list = boost::json::parse(t.subject->traces().list()).at("traces").as_array();
  CAF_REQUIRE_EQUAL(list.size(), 2u);
  const auto shown = boost::json::parse(*t.subject->traces().show(trace_id_text(second))).at("spans").as_array();
  CAF_REQUIRE_EQUAL(shown.size(), 1u);
  CAF_CHECK_EQUAL(shown[0].at("name").as_string(), "store");
}
